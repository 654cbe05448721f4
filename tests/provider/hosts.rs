//! Hosts, paths and keys.

use quota_aware_api::provider::{
    CREDENTIAL_HEADERS, CallKind, Endpoint, KeyHeader, Provider, by_host, key_header, provider_of_key,
};

#[test]
fn names_and_providers_correspond() {
    for provider in Provider::ALL {
        assert_eq!(Provider::from_name(provider.name()), Some(provider));
        assert_eq!(provider.to_string(), provider.name());
    }
    assert_eq!(Provider::from_name("Gemini"), None);
}

#[test]
fn hosts_are_known_label_by_label() {
    let table = [
        ("generativelanguage.googleapis.com", Some("Gemini")),
        ("GENERATIVELANGUAGE.googleapis.com.", Some("Gemini")),
        ("aiplatform.googleapis.com", Some("Vertex AI")),
        ("europe-west4-aiplatform.googleapis.com", Some("Vertex AI")),
        ("api.groq.com", Some("Groq")),
        ("api.openai.com", Some("OpenAI")),
        ("eu.api.openai.com", Some("OpenAI")),
        ("api.anthropic.com", Some("Anthropic")),
        ("openrouter.ai", Some("OpenRouter")),
        ("api.mistral.ai", Some("Mistral")),
        ("my-resource.openai.azure.com", Some("Azure OpenAI")),
        ("r.services.ai.azure.com", Some("Azure AI Foundry")),
        ("r.cognitiveservices.azure.com", Some("Azure Cognitive Services")),
        ("api.x.ai", Some("xAI")),
        ("api.deepseek.com", Some("DeepSeek")),
        ("api.cerebras.ai", Some("Cerebras")),
        ("api.perplexity.ai", Some("Perplexity")),
        ("api.cohere.com", Some("Cohere")),
        ("api.together.xyz", Some("Together")),
        ("router.huggingface.co", Some("Hugging Face")),
        ("ollama.com", Some("Ollama")),
        ("api.voyageai.com", Some("Voyage")),
        ("api.fireworks.ai", Some("Fireworks")),
        ("evilapi.openai.com.attacker.net", None),
        ("notapi.groq.com", None),
        ("groq.com", None),
        ("api.groq.com.evil.example", None),
        ("evil-api.openai.com", None),
        ("xopenrouter.ai", None),
        ("", None),
        (".", None),
        ("com", None),
    ];
    for (host, name) in table {
        assert_eq!(by_host(host).map(|vendor| vendor.name), name, "{host}");
    }
}

#[test]
fn base_urls_lie_on_their_own_hosts() {
    for host in [
        "api.groq.com",
        "api.openai.com",
        "openrouter.ai",
        "api.anthropic.com",
        "api.cohere.com",
        "aiplatform.googleapis.com",
    ] {
        let vendor = by_host(host).unwrap();
        let of_base = vendor.base_url.strip_prefix("https://").and_then(|url| url.split('/').next());
        assert_eq!(of_base, Some(host));
    }
}

#[test]
fn every_key_header_is_a_credential_header() {
    for header in [KeyHeader::GoogApiKey, KeyHeader::Bearer, KeyHeader::XApiKey, KeyHeader::ApiKey] {
        assert!(CREDENTIAL_HEADERS.contains(&header.name()), "{header:?}");
        assert_eq!(header.prefix().is_empty(), header != KeyHeader::Bearer);
    }
}

#[test]
fn google_takes_a_bearer_token_on_compatible_paths() {
    let table = [
        (Provider::Gemini, "/v1beta/models/gemini-2.5-flash:generateContent", KeyHeader::GoogApiKey),
        (Provider::Gemini, "/v1beta/openai/chat/completions", KeyHeader::Bearer),
        (
            Provider::Gemini,
            "/v1/projects/p/locations/l/endpoints/openapi/chat/completions?x=/openai/",
            KeyHeader::GoogApiKey,
        ),
        (Provider::Gemini, "/v1beta/models/my-openai-model:generateContent", KeyHeader::GoogApiKey),
        (Provider::Anthropic, "/v1/messages", KeyHeader::XApiKey),
        (Provider::OpenAi, "/v1/responses", KeyHeader::Bearer),
        (Provider::Groq, "/openai/v1/chat/completions", KeyHeader::Bearer),
        (Provider::Compatible, "/v1/chat/completions", KeyHeader::Bearer),
    ];
    for (provider, path, header) in table {
        assert_eq!(key_header(provider, path), header, "{path}");
    }
}

#[test]
fn keys_are_guessed_by_prefix_only_where_it_is_telling() {
    let table = [
        ("AIzaSyA", Some(Provider::Gemini)),
        ("AQ.Ab8", Some(Provider::Gemini)),
        ("gsk_1", Some(Provider::Groq)),
        ("sk-ant-api03-1", Some(Provider::Anthropic)),
        ("sk-proj-1", None),
        ("AQ", None),
        ("", None),
    ];
    for (key, provider) in table {
        assert_eq!(provider_of_key(key), provider, "{key}");
    }
}

#[test]
fn paths_tell_model_kind_and_dialect() {
    use CallKind::{BatchEmbed, Count, Embed, Generate, List, Other, Stream};
    let gemini = Some(Provider::Gemini);
    let compatible = Some(Provider::Compatible);
    let table = [
        ("/v1beta/models/gemini-2.5-flash:generateContent", Some("gemini-2.5-flash"), Generate, gemini),
        ("/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse", Some("gemini-2.5-flash"), Stream, gemini),
        ("/v1beta/models/gemini-embedding-001:embedContent", Some("gemini-embedding-001"), Embed, gemini),
        ("/v1beta/models/gemini-embedding-001:batchEmbedContents", Some("gemini-embedding-001"), BatchEmbed, gemini),
        (
            "/v1beta/models/gemini-embedding-001:asyncBatchEmbedContent",
            Some("gemini-embedding-001"),
            BatchEmbed,
            gemini,
        ),
        ("/v1beta/models/m:countTokens", Some("m"), Count, gemini),
        ("/v1beta/models/m:batchGenerateContent", Some("m"), Other, gemini),
        ("/v1beta/tunedModels/mine-1:generateContent", Some("tunedModels/mine-1"), Generate, gemini),
        ("/v1beta/models/my%20model%2F1:generateContent", Some("my model/1"), Generate, gemini),
        ("/v1beta/models/100%25%zz:generateContent", Some("100%%zz"), Generate, gemini),
        (
            "/v1/projects/p/locations/us/publishers/google/models/gemini-2.5-pro:generateContent",
            Some("gemini-2.5-pro"),
            Generate,
            gemini,
        ),
        ("/v1beta/models", None, List, gemini),
        ("/v1beta/models/gemini-2.5-flash", Some("gemini-2.5-flash"), List, gemini),
        ("/v1beta/openai/chat/completions", None, Generate, compatible),
        ("/v1beta/interactions", None, Generate, gemini),
        ("/openai/v1/chat/completions", None, Generate, compatible),
        ("/v1/embeddings/", None, Embed, compatible),
        ("/v1/responses", None, Generate, compatible),
        ("/v1/models", None, List, None),
        ("/v1/messages", None, Generate, Some(Provider::Anthropic)),
        ("/v1/messages/count_tokens", None, Count, Some(Provider::Anthropic)),
        ("/openai/deployments/my-gpt/chat/completions?api-version=2024-02-01", Some("my-gpt"), Generate, compatible),
        ("/", None, Other, None),
        ("", None, Other, None),
        ("/v1beta/models/:generateContent", None, Generate, gemini),
        ("/a:b", None, Other, None),
    ];
    for (path, model, kind, provider) in table {
        let got = Endpoint::of(path);
        assert_eq!((got.model.as_deref(), got.kind, got.provider), (model, kind, provider), "{path}");
    }
}
