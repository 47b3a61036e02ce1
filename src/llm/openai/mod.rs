//! Chat Completions, as OpenAI and many compatible servers speak it.
//!
//! async-openai gives the request's types and its path; the transport, the reading of answers and the retries are
//! ours. A server that does not know a newer part of the protocol is asked again without it, and what it does not know
//! is remembered, so that later requests do not pay for the same lesson.

use std::sync::{Arc, Mutex, PoisonError};

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestAssistantMessage, ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, ResponseFormat, ResponseFormatJsonSchema,
};
use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;
use tower::service_fn;

use super::failure::Failure;
use super::provider::{Attempt, RawAnswer};
use super::{ModelError, ModelRequest, ModelSettings, Schema};
use crate::prompt::{ChatMessage, Role};
use crate::runtime::http::request_builder;
use crate::runtime::upstream::Upstream;

mod answer;
mod dialect;
mod transport;

use answer::Completion;
use dialect::Dialect;
pub(super) use dialect::as_instructions;
use transport::{Transport, Trouble};

/// Sent where no key is configured: the crate would otherwise take one from the environment.
const NO_KEY: &str = "no-key";

/// More lessons than any server has to teach.
const LESSONS_MAX: u32 = 8;

/// One try at a server that speaks Chat Completions.
pub struct OpenAiAttempt {
    settings: Arc<ModelSettings>,
    client: Client<OpenAIConfig>,
    upstream: Upstream,
    dialect: Mutex<Dialect>,
}

impl OpenAiAttempt {
    /// Prepares the calls.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] when address, key or the system's certificates cannot be used.
    pub fn new(settings: ModelSettings, upstream: Upstream) -> Result<Self, ModelError> {
        let key = settings.key()?;
        // Every value that the crate would otherwise read from the environment is set.
        let config = OpenAIConfig::new()
            .with_api_base(settings.api_base()?)
            .with_api_key(key.as_ref().map_or(NO_KEY, |key| key.expose_secret()))
            .with_org_id("")
            .with_project_id("");
        let builder = request_builder().map_err(|e| ModelError::Configuration {
            model: settings.model.clone(),
            reason: format!("the system's certificates cannot be read ({e}); install ca-certificates"),
        })?;
        let client = Client::build(builder, config);
        Ok(Self { settings: Arc::new(settings), client, upstream, dialect: Mutex::default() })
    }

    /// The request in `dialect`.
    fn body(&self, request: &ModelRequest, dialect: Dialect) -> Result<Value, Failure> {
        let typed = CreateChatCompletionRequest {
            model: self.settings.model.clone(),
            messages: messages(&request.messages, dialect.instructions(request.schema.as_ref())),
            max_completion_tokens: Some(request.max_output_tokens),
            response_format: request.schema.as_ref().map(response_format),
            // Leads' words are not kept by the provider.
            store: Some(false),
            prompt_cache_key: request.cache_key.clone(),
            safety_identifier: request.safety_identifier.clone(),
            ..CreateChatCompletionRequest::default()
        };
        let mut body = serde_json::to_value(typed).map_err(|e| self.rejected(&e.to_string()))?;
        let Some(fields) = body.as_object_mut() else {
            return Err(self.rejected("the request is no object"));
        };
        if let Some(temperature) = request.temperature.or(self.settings.temperature) {
            // Through text, so that 0.7 stays 0.7 and does not become 0.699999988079071.
            fields.insert("temperature".to_owned(), temperature.to_string().parse::<f64>().unwrap_or(1.0).into());
        }
        dialect.apply(fields);
        Ok(body)
    }

    fn rejected(&self, reason: &str) -> Failure {
        let model = self.settings.model.clone();
        Failure::terminal(ModelError::Rejected { model, status: 0, detail: format!(": {reason}") })
    }

    /// Asks once, in `dialect`.
    async fn ask(&self, request: &ModelRequest, dialect: Dialect) -> Result<RawAnswer, Trouble> {
        let transport =
            Transport { upstream: self.upstream.clone(), settings: self.settings.clone(), request_id: Arc::default() };
        let request_id = transport.request_id.clone();
        let client =
            self.client.clone().with_http_service(service_fn(move |factory| transport.clone().exchange(factory)));
        let body = Asked { attempt: self, request, dialect };
        let completion: Completion = client.chat().create_byot(body).await.map_err(|error| self.trouble(error))?;
        let request_id = request_id.lock().unwrap_or_else(PoisonError::into_inner).take();
        completion.into_answer(&self.settings, request_id).map_err(Trouble::Failed)
    }

    fn trouble(&self, error: OpenAIError) -> Trouble {
        match error {
            OpenAIError::Boxed(inner) => match inner.downcast::<Trouble>() {
                Ok(trouble) => *trouble,
                Err(other) => Trouble::Failed(self.rejected(&other.to_string())),
            },
            // Its text holds the whole answer, so only the parser's words are used.
            OpenAIError::JSONDeserialize(e, _) => {
                Trouble::Failed(Failure::malformed(&self.settings, format!("it is no chat completion ({e})")))
            }
            other => Trouble::Failed(self.rejected(&other.to_string())),
        }
    }

    fn dialect(&self) -> Dialect {
        *self.dialect.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a dialect that was understood.
    fn learned(&self, from: Dialect, to: Dialect) {
        let mut dialect = self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
        // Someone else may have learned something in the meantime; the next call learns the rest.
        if from != to && *dialect == from {
            *dialect = to;
            tracing::warn!(model = %self.settings.model, dialect = ?to, "the server knows only a part of the protocol");
        }
    }
}

#[async_trait]
impl Attempt for OpenAiAttempt {
    fn settings(&self) -> &ModelSettings {
        &self.settings
    }

    async fn attempt(&self, request: &ModelRequest) -> Result<RawAnswer, Failure> {
        let known = self.dialect();
        let mut dialect = known;
        let mut lessons = 0;
        loop {
            let refusal = match self.ask(request, dialect).await {
                Ok(answer) => {
                    self.learned(known, dialect);
                    return Ok(answer);
                }
                Err(Trouble::Failed(failure)) => return Err(failure),
                Err(Trouble::Refused(refusal)) => refusal,
            };
            match dialect.simplified(&refusal, &self.body(request, dialect)?) {
                Some(simpler) if lessons < LESSONS_MAX => dialect = simpler,
                _ => return Err(refusal.into_failure(&self.settings)),
            }
            lessons += 1;
        }
    }
}

/// A request's body, made when it is written out: none is kept beside its bytes while thousands of turns wait.
struct Asked<'a> {
    attempt: &'a OpenAiAttempt,
    request: &'a ModelRequest,
    dialect: Dialect,
}

impl Serialize for Asked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = self.attempt.body(self.request, self.dialect).map_err(|failure| S::Error::custom(failure.error))?;
        body.serialize(serializer)
    }
}

/// The prompt's messages, with `extra` at the end of the instructions.
fn messages(prompt: &[ChatMessage], extra: Option<String>) -> Vec<ChatCompletionRequestMessage> {
    let mut prompt = prompt.to_vec();
    if let Some(extra) = extra {
        match prompt.iter_mut().rfind(|message| message.role == Role::System) {
            Some(system) => system.text = format!("{}\n\n{extra}", system.text),
            None => prompt.insert(0, ChatMessage { role: Role::System, text: extra }),
        }
    }
    let wire = |message: ChatMessage| match message.role {
        Role::System => ChatCompletionRequestSystemMessage::from(message.text).into(),
        Role::User => ChatCompletionRequestUserMessage::from(message.text).into(),
        Role::Assistant => ChatCompletionRequestAssistantMessage::from(message.text).into(),
    };
    prompt.into_iter().map(wire).collect()
}

fn response_format(schema: &Schema) -> ResponseFormat {
    ResponseFormat::JsonSchema {
        json_schema: ResponseFormatJsonSchema {
            description: None,
            name: schema.name.clone(),
            schema: Value::clone(&schema.json),
            strict: Some(true),
        },
    }
}

#[cfg(test)]
mod tests;
