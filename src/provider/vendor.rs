//! Known hosts, as data: what differs between vendors of one dialect, and where each wants its key.

use super::Provider;

/// The header that carries a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHeader {
    /// `x-goog-api-key: KEY`. A cross-origin redirect does not remove it, nor the two below: redirects must be refused.
    GoogApiKey,
    /// `authorization: Bearer KEY`.
    Bearer,
    /// `x-api-key: KEY`.
    XApiKey,
    /// `api-key: KEY`.
    ApiKey,
}

impl KeyHeader {
    /// The header's name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GoogApiKey => "x-goog-api-key",
            Self::Bearer => "authorization",
            Self::XApiKey => "x-api-key",
            Self::ApiKey => "api-key",
        }
    }

    /// What stands before the key in the header's value.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer ",
            Self::GoogApiKey | Self::XApiKey | Self::ApiKey => "",
        }
    }
}

/// Headers in which a caller's own credential may stand. Google refuses a request that carries two.
pub const CREDENTIAL_HEADERS: &[&str] = &["authorization", "x-goog-api-key", "x-api-key", "api-key"];

/// A vendor and its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// The vendor's name, as people write it.
    pub name: &'static str,
    /// The host, or the end of it: `openai.azure.com` stands for `my-resource.openai.azure.com` too.
    pub host: &'static str,
    /// Whose dialect it speaks.
    pub provider: Provider,
    /// Where the key goes.
    pub key_header: KeyHeader,
    /// Where the API's paths begin; empty where the host differs from account to account.
    pub base_url: &'static str,
}

const fn vendor(
    name: &'static str,
    host: &'static str,
    provider: Provider,
    key_header: KeyHeader,
    base_url: &'static str,
) -> Vendor {
    Vendor { name, host, provider, key_header, base_url }
}

const VENDORS: [Vendor; 22] = {
    use KeyHeader::{ApiKey, Bearer, GoogApiKey, XApiKey};
    use Provider::{Anthropic, Compatible, Gemini, Groq, OpenAi};
    [
        vendor(
            "Gemini",
            "generativelanguage.googleapis.com",
            Gemini,
            GoogApiKey,
            "https://generativelanguage.googleapis.com/v1beta",
        ),
        // Express mode takes API keys in the same header; OAuth tokens are the caller's own affair.
        vendor("Vertex AI", "aiplatform.googleapis.com", Gemini, GoogApiKey, "https://aiplatform.googleapis.com/v1"),
        vendor("Groq", "api.groq.com", Groq, Bearer, "https://api.groq.com/openai/v1"),
        vendor("OpenAI", "api.openai.com", OpenAi, Bearer, "https://api.openai.com/v1"),
        vendor("Anthropic", "api.anthropic.com", Anthropic, XApiKey, "https://api.anthropic.com/v1"),
        vendor("OpenRouter", "openrouter.ai", Compatible, Bearer, "https://openrouter.ai/api/v1"),
        vendor("Mistral", "api.mistral.ai", Compatible, Bearer, "https://api.mistral.ai/v1"),
        vendor("Mistral", "codestral.mistral.ai", Compatible, Bearer, "https://codestral.mistral.ai/v1"),
        vendor("Azure OpenAI", "openai.azure.com", Compatible, ApiKey, ""),
        vendor("Azure AI Foundry", "services.ai.azure.com", Compatible, ApiKey, ""),
        vendor("Azure Cognitive Services", "cognitiveservices.azure.com", Compatible, ApiKey, ""),
        vendor("xAI", "api.x.ai", Compatible, Bearer, "https://api.x.ai/v1"),
        vendor("DeepSeek", "api.deepseek.com", Compatible, Bearer, "https://api.deepseek.com/v1"),
        vendor("Cerebras", "api.cerebras.ai", Compatible, Bearer, "https://api.cerebras.ai/v1"),
        vendor("Perplexity", "api.perplexity.ai", Compatible, Bearer, "https://api.perplexity.ai"),
        vendor("Cohere", "api.cohere.com", Compatible, Bearer, "https://api.cohere.com/compatibility/v1"),
        vendor("Cohere", "api.cohere.ai", Compatible, Bearer, "https://api.cohere.ai/compatibility/v1"),
        vendor("Together", "api.together.xyz", Compatible, Bearer, "https://api.together.xyz/v1"),
        vendor("Hugging Face", "router.huggingface.co", Compatible, Bearer, "https://router.huggingface.co/v1"),
        vendor("Ollama", "ollama.com", Compatible, Bearer, "https://ollama.com/v1"),
        vendor("Voyage", "api.voyageai.com", Compatible, Bearer, "https://api.voyageai.com/v1"),
        vendor("Fireworks", "api.fireworks.ai", Compatible, Bearer, "https://api.fireworks.ai/inference/v1"),
    ]
};

/// The vendor of a host name (without a port), compared label by label: `evilapi.groq.com` is nobody's.
pub fn by_host(host: &str) -> Option<&'static Vendor> {
    let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
    VENDORS.iter().find(|vendor| {
        let known = vendor.host.as_bytes();
        let Some(start) = host.len().checked_sub(known.len()) else { return false };
        // Vertex writes the region into the first label: `europe-west4-aiplatform.googleapis.com`.
        let boundary = start == 0 || host[start - 1] == b'.' || (vendor.name == "Vertex AI" && host[start - 1] == b'-');
        boundary && host[start..].eq_ignore_ascii_case(known)
    })
}

/// Where a provider wants its key for this path. Google's `OpenAI`-compatible paths take it as a bearer token.
pub fn key_header(provider: Provider, path: &str) -> KeyHeader {
    match provider {
        Provider::Gemini if path.split(['?', '#']).next().unwrap_or(path).split('/').any(|part| part == "openai") => {
            KeyHeader::Bearer
        }
        Provider::Gemini => KeyHeader::GoogApiKey,
        Provider::Anthropic => KeyHeader::XApiKey,
        Provider::Groq | Provider::OpenAi | Provider::Compatible => KeyHeader::Bearer,
    }
}

/// Whose key this looks like. A guess for when nothing else tells: a new form of key must not be refused for its looks.
pub fn provider_of_key(key: &str) -> Option<Provider> {
    const PREFIXES: [(&str, Provider); 4] = [
        ("AIza", Provider::Gemini),
        ("AQ.", Provider::Gemini),
        ("gsk_", Provider::Groq),
        ("sk-ant-", Provider::Anthropic),
    ];
    PREFIXES.iter().find(|(prefix, _)| key.starts_with(prefix)).map(|(_, provider)| *provider)
}
