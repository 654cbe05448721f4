//! What the path of a URL tells: the model, the kind of call, and the dialect where the host is not known.

use super::Provider;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// One answer.
    Generate,
    /// An answer in pieces, as the path says. `OpenAI` and Anthropic say it in the body instead.
    Stream,
    /// An embedding.
    Embed,
    /// Many embeddings; each counts against Google's quota of requests.
    BatchEmbed,
    /// Counting tokens.
    Count,
    /// A list of models, or the description of one.
    List,
    /// Anything else.
    Other,
}

/// A path, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The model, where the path names it.
    pub model: Option<String>,
    /// What the call does.
    pub kind: CallKind,
    /// The dialect that only this shape of path has.
    pub provider: Option<Provider>,
}

impl Endpoint {
    /// Takes a path apart; a query and a fragment are left aside.
    pub fn of(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or(path).trim_end_matches('/');
        Self::google(path).unwrap_or_else(|| Self::rest(path))
    }

    /// `/v1beta/models/{model}:{method}`, `tunedModels/`, and Vertex' `publishers/google/models/`.
    fn google(path: &str) -> Option<Self> {
        let (resource, method) = path.rsplit_once(':')?;
        let kind = match method {
            "generateContent" | "predict" | "rawPredict" | "generateAnswer" | "generateMessage" | "generateText" => {
                CallKind::Generate
            }
            "streamGenerateContent" | "streamRawPredict" => CallKind::Stream,
            "embedContent" | "embedText" => CallKind::Embed,
            "batchEmbedContents" | "asyncBatchEmbedContent" | "batchEmbedText" => CallKind::BatchEmbed,
            "countTokens" | "computeTokens" | "countTextTokens" | "countMessageTokens" => CallKind::Count,
            "batchGenerateContent" | "predictLongRunning" => CallKind::Other,
            _ => return None,
        };
        let model = after_last(resource, "/models/").or_else(|| {
            let (_, tuned) = resource.rsplit_once("/tunedModels/")?;
            Some(format!("tunedModels/{}", percent_decoded(tuned)))
        });
        Some(Self { model: model.filter(|model| !model.is_empty()), kind, provider: Some(Provider::Gemini) })
    }

    /// Paths whose last words tell the kind.
    fn rest(path: &str) -> Self {
        const ENDS: [(&str, CallKind, Option<Provider>); 10] = [
            ("/v1/messages/count_tokens", CallKind::Count, Some(Provider::Anthropic)),
            ("/v1/messages", CallKind::Generate, Some(Provider::Anthropic)),
            ("/v1beta/interactions", CallKind::Generate, Some(Provider::Gemini)),
            ("/chat/completions", CallKind::Generate, Some(Provider::Compatible)),
            ("/completions", CallKind::Generate, Some(Provider::Compatible)),
            ("/responses", CallKind::Generate, Some(Provider::Compatible)),
            ("/embeddings", CallKind::Embed, Some(Provider::Compatible)),
            ("/images/generations", CallKind::Generate, Some(Provider::Compatible)),
            ("/v1beta/models", CallKind::List, Some(Provider::Gemini)),
            ("/models", CallKind::List, None),
        ];
        let known = ENDS.iter().find(|(end, ..)| path.ends_with(end));
        let described = known.is_none().then(|| after_last(path, "/models/")).flatten();
        let (kind, provider) = match known {
            Some((_, kind, provider)) => (*kind, *provider),
            None if described.is_some() => {
                (CallKind::List, path.contains("/v1beta/models/").then_some(Provider::Gemini))
            }
            None => (CallKind::Other, None),
        };
        // Azure names a deployment, which is what its quota belongs to.
        let deployment =
            path.split_once("/deployments/").and_then(|(_, rest)| rest.split('/').next()).map(percent_decoded);
        Self { model: deployment.or(described).filter(|model| !model.is_empty()), kind, provider }
    }
}

fn after_last(path: &str, lead: &str) -> Option<String> {
    path.rsplit_once(lead).map(|(_, model)| percent_decoded(model))
}

/// Decodes `%2F` and the like; what is no valid escape, or no UTF-8 when decoded, stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.first_chunk().and_then(|[high, low]| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
        });
        let escaped = pair.filter(|_| *first == b'%');
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
