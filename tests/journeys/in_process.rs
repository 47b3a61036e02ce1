//! The same house without a socket: every outgoing call passes one seam, which can lead into the simulators.

use std::path::Path;
use std::time::Duration;

use rapport::cli::assemble;
use rapport::config::Config;
use rapport::runtime::{Clock, Http, Random, Tasks};
use rapport::sim::Simulators;
use rapport::sim::close::{API_KEY, LeadSeed, OUR_NUMBER};
use rapport::store::Store;

use crate::support::world::{LEAD, MORNING, app, proposal};

const TOML: &str = "[close]\nbase_url = \"http://close.test\"\napi_key = \"KEY\"\n\
     [models.main]\nbase_url = \"http://model.test/v1\"\nmodel = \"scripted\"\nencoding = \"o200k_base\"\n\
     [policy]\nmode = \"auto\"\nhold_first = false\nintroduce = false\nopt_out_notice = \"never\"\n";

#[tokio::test]
async fn a_text_is_answered_without_a_socket() {
    let (clock, time) = Clock::manual(MORNING.parse().expect("an instant"));
    let (random, tasks) = (Random::seeded(11), Tasks::new());
    let nowhere = Http::routed(clock.clone(), std::collections::BTreeMap::new());
    let sims = Simulators::new(clock.clone(), random.clone(), nowhere, tasks.clone());
    sims.close.add_lead(LeadSeed { contact: "Maria Lopez".to_owned(), phone: LEAD.to_owned(), ..LeadSeed::default() });
    let http = Http::routed(clock.clone(), sims.hosts());
    let config = Config::parse(Some(&TOML.replace("KEY", API_KEY)), Path::new("story.toml"), std::iter::empty());
    let store = Store::open("sqlite::memory:", "story", clock.clone(), random.clone()).await.expect("a store");
    store.migrate().await.expect("tables");
    let parts = assemble::World { clock: clock.clone(), random, http };
    let engine = assemble::engine(&config.expect("a configuration"), &parts, store).expect("an engine");
    let (_, key) = sims.close.subscribe("http://rapport.test/webhooks/close", &[("activity.sms", "created")]);
    let rapport = rapport::web::router(app(&engine, &key, &tasks));
    sims.set_http(&Http::routed(clock, [("rapport.test:80".to_owned(), rapport)].into()));
    sims.model.push_json(proposal("Yes, all of the state.", "product_question"));

    sims.close.lead_texts(LEAD, OUR_NUMBER, "Do you work in Tucson?");
    let taken = sims.close.deliver_webhooks().await;
    assert!(taken.iter().all(rapport::sim::Delivered::accepted), "{taken:?}");
    engine.run_due().await.expect("the store works");
    time.advance(Duration::from_secs(8));
    engine.run_due().await.expect("the store works");

    let sent: Vec<String> = sims.close.texts_sent().into_iter().map(|text| text.text).collect();
    assert_eq!(sent, ["Yes, all of the state."]);
    tasks.stop();
}
