//! Secrets: where they come from, and that nobody sees them.

use std::fs;

use secrecy::{ExposeSecret, SecretString};

use super::{load, mistakes};

#[test]
fn well_known_names_fill_the_secrets_that_nothing_nearer_sets() {
    let text =
        "[models.main]\nprovider = \"anthropic\"\nmodel = \"a\"\n[models.fallback]\nmodel = \"b\"\napi_key = \"own\"";
    let env = [("CLOSE_API_KEY", "c\n"), ("CALENDLY_TOKEN", "t"), ("OPENAI_API_KEY", "o"), ("ANTHROPIC_API_KEY", "an")];
    let config = load(text, &env).expect("valid");
    let shown = |secret: Option<SecretString>| secret.expect("set").expose_secret().to_owned();
    assert_eq!(shown(config.close.api_key), "c");
    assert_eq!(shown(config.calendly.token), "t");
    assert_eq!(shown(config.models.main.expect("present").settings.api_key), "an");
    assert_eq!(shown(config.models.fallback.expect("present").settings.api_key), "own");
}

#[test]
fn a_secret_is_taken_whole_from_its_key_or_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret");
    let from_file = format!("[desk]\npassword_file = {path:?}");
    let from_key = "[desk]\npassword = \"aa, bb\"";
    // The last one as Windows' editors write it.
    for (written, text) in
        [("", from_key), ("  aa, bb \n", from_file.as_str()), ("\u{feff}aa, bb\r\n", from_file.as_str())]
    {
        fs::write(&path, written).expect("written");
        let password = load(text, &[]).expect("valid").desk.password.expect("set");
        assert_eq!(password.expose_secret(), "aa, bb");
    }
    let named = path.display().to_string();
    let nearer = load("[desk]\npassword = \"x\"", &[("RAPPORT__DESK__PASSWORD_FILE", &named)]).expect("valid");
    assert_eq!(nearer.desk.password.expect("set").expose_secret(), "aa, bb");
}

#[test]
fn several_webhook_keys_are_read_from_a_list_or_a_file_and_an_empty_one_is_no_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys");
    fs::write(&path, "\u{feff}0a1b\r\n2c3d\r\n").expect("written");
    let from_file = format!("[close]\nwebhook_key_file = {path:?}");
    for text in [from_file.as_str(), "[close]\nwebhook_key = [\"0a1b\", \"2c3d\", \"\"]"] {
        let keys = load(text, &[]).expect("valid").close.webhook_key;
        let keys: Vec<&str> = keys.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(keys, ["0a1b", "2c3d"]);
    }
    assert!(load("[close]\nwebhook_key = \"\"", &[]).expect("valid").close.webhook_key.is_empty());
}

#[test]
fn secrets_are_never_printed() {
    let env = [("CLOSE_API_KEY", "hush-1"), ("RAPPORT__DESK__PASSWORD", "hush-2")];
    let config = load("[close]\nwebhook_key = \"abcdef\"\n[models.main]\nmodel = \"m\"\napi_key = \"hush-3\"", &env);
    let printed = format!("{:?}", config.expect("valid"));
    assert!(!printed.contains("hush") && !printed.contains("abcdef"), "{printed}");
    let wrong = mistakes("[close]\nwebhook_key = \"hush\"\napi_key = [\"hush\"]\napikey = \"hush\"", &[]);
    assert!(!wrong.contains("hush"), "{wrong}");
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let wrong = [
        "[close]\napi_key_file = \"hush\"",
        "[close]\napi_key_file = \"no-such-folder/hush\"",
        "[close]\napi_key = hush",
        "[close]\nwebhook_key = [\"0a1b\", \"hush\"]",
        "[close.api_key]\nvalue = \"hush\"",
        "[desk]\npasswrod = \"hush\"",
        "[database]\nurl = \"mysql://rapport:hush@db.example/rapport\"",
        "[models.main]\nmodel = \"m\"\nbase_url = \"https://user:hush@models.example/v1\"",
        "[models.main]\nmodel = \"m\"\nbase_url = \"ftp://user:hush@models.example/v1\"",
    ];
    for text in wrong {
        let told = mistakes(text, &[]);
        assert!(!told.contains("hush"), "{told}");
    }
}

#[test]
fn the_password_of_the_database_is_not_printed() {
    let config = load("[database]\nurl = \"postgres://rapport:hush@db.example/rapport\"", &[]).expect("valid");
    assert_eq!(format!("{:?}", config.database), "DatabaseConfig(postgres:…)");
    assert!(config.database.url.contains("hush"), "it is still there to connect with");
}

#[test]
fn webhook_keys_from_the_environment_are_separated_by_commas() {
    let config = load("[close]\nwebhook_key = \"ffff\"", &[("RAPPORT__CLOSE__WEBHOOK_KEY", "0a1b, 2c3d")]);
    let keys = config.expect("valid").close.webhook_key;
    assert_eq!(keys.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(), ["0a1b", "2c3d"]);
}

#[test]
fn a_webhook_key_that_is_not_hexadecimal_is_told_where_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys");
    fs::write(&path, "0a1b\nhush\n").expect("written");
    let words = "is not hexadecimal: copy the signature_key that Close told when the subscription was made";
    let from_file = mistakes(&format!("[close]\nwebhook_key_file = {path:?}"), &[]);
    assert_eq!(from_file, format!("configuration: close.webhook_key_file (rapport.toml:2): {words}"));
    let from_variable = mistakes("", &[("RAPPORT__CLOSE__WEBHOOK_KEY", "hush")]);
    let place = "environment variable RAPPORT__CLOSE__WEBHOOK_KEY";
    assert_eq!(from_variable, format!("configuration: close.webhook_key ({place}): {words}"));
}

#[test]
fn a_secret_beside_its_own_file_is_told_unless_one_of_them_is_nearer_or_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("password");
    fs::write(&path, "from the file").expect("written");
    let both = format!("[desk]\npassword = \"x\"\npassword_file = {path:?}");
    assert_eq!(
        mistakes(&both, &[]),
        "configuration: desk.password_file (rapport.toml:3): is set beside desk.password: keep one of the two"
    );
    let nearer = load(&both, &[("RAPPORT__DESK__PASSWORD", "from the environment")]).expect("valid");
    assert_eq!(nearer.desk.password.expect("set").expose_secret(), "from the environment");
    let blank = load(&both.replace("\"x\"", "\"\""), &[]).expect("valid");
    assert_eq!(blank.desk.password.expect("set").expose_secret(), "from the file");
}

#[test]
fn a_file_of_a_secret_that_is_missing_or_empty_is_told_by_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |name: &str| {
        let path = folder.path().join(name).display().to_string();
        mistakes(&format!("[desk]\npassword_file = {path:?}"), &[]).replace(&path, "PATH")
    };
    fs::write(folder.path().join("empty"), "\n").expect("written");
    assert_eq!(
        told("empty"),
        "configuration: desk.password_file (rapport.toml:2): \"PATH\" is empty; put the secret into it"
    );
    let missing = told("missing");
    assert!(missing.starts_with("configuration: desk.password_file (rapport.toml:2): \"PATH\" cannot be read: "));
    assert!(missing.ends_with("write the path of a file that holds it"), "{missing}");
}
