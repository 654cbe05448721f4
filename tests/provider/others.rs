//! All other vendors, one body each.

use quota_aware_api::engine::{Scope, Verdict};
use quota_aware_api::provider::Provider;

use crate::common::{DAY, Figures, INPUT, MINUTE, REQUESTS, TOKENS, figures, of, of_provider, plain};

const OTHERS: &[(&str, u16, &str, Figures)] = &[
    (
        "OpenRouter, a day",
        429,
        r#"{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","code":429,"metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1777420800000"},"limit_source":"openrouter_free_tier_daily"}},"user_id":"u"}"#,
        (Verdict::QuotaExhausted, Scope::Project, REQUESTS, DAY, Some(50)),
    ),
    (
        "OpenRouter, a minute",
        429,
        r#"{"error":{"message":"Rate limit exceeded: free-models-per-min. Add 10 credits to unlock 1000 free model requests per day","code":429}}"#,
        (Verdict::RateLimited, Scope::Project, REQUESTS, MINUTE, None),
    ),
    (
        "OpenRouter, one model",
        429,
        r#"{"error":{"message":"Rate limit exceeded: limit_rpm/meta-llama/llama-3.2-3b-instruct/0-0. High demand for meta-llama/llama-3.2-3b-instruct:free on OpenRouter - limited to 1 requests per minute. Please retry shortly.","code":429}}"#,
        (Verdict::RateLimited, Scope::Model, REQUESTS, MINUTE, Some(1)),
    ),
    (
        "OpenRouter, upstream",
        429,
        r#"{"error":{"code":429,"message":"Provider returned error","metadata":{"provider_name":"Google","raw":"google/gemini-2.0-flash-exp:free is temporarily rate-limited upstream."}}}"#,
        plain(Verdict::Overloaded, Scope::Model),
    ),
    (
        "OpenRouter, upstream's prompt",
        400,
        r#"{"error":{"code":400,"message":"Provider returned error","metadata":{"raw":"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too long: 210000 tokens > 200000 maximum\"}}"}}}"#,
        (Verdict::TooLarge, Scope::None, INPUT, None, Some(200_000)),
    ),
    (
        "OpenRouter, money",
        402,
        r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 10114.","code":402}}"#,
        plain(Verdict::OutOfCredit, Scope::Project),
    ),
    (
        "OpenRouter, no key",
        401,
        r#"{"error":{"message":"No cookie auth credentials found","code":401}}"#,
        plain(Verdict::InvalidKey, Scope::Key),
    ),
    (
        "Mistral",
        429,
        r#"{"object":"error","message":"Rate limit exceeded","type":"rate_limited","param":null,"code":"1300","raw_status_code":429}"#,
        plain(Verdict::RateLimited, Scope::Project),
    ),
    (
        "Mistral, requests",
        429,
        r#"{"message":"Requests rate limit exceeded"}"#,
        (Verdict::RateLimited, Scope::Project, REQUESTS, None, None),
    ),
    (
        "Mistral, capacity",
        429,
        r#"{"object":"error","message":"Service tier capacity exceeded for this model.","type":"invalid_request_error","param":null,"code":null}"#,
        plain(Verdict::Overloaded, Scope::Model),
    ),
    ("Mistral, key", 401, r#"{"detail":"Invalid API Key"}"#, plain(Verdict::InvalidKey, Scope::Key)),
    (
        "Mistral, model",
        400,
        r#"{"object":"error","message":"Invalid model: mistral-nope","type":"invalid_model","param":null,"code":"1500"}"#,
        plain(Verdict::NotFound, Scope::Model),
    ),
    (
        "Mistral, prompt",
        400,
        r#"{"object":"error","message":"Prompt contains 250016 tokens and 0 draft tokens, too large for model with 131072 maximum context length","type":"invalid_request_error","code":"3051"}"#,
        (Verdict::TooLarge, Scope::None, TOKENS, None, Some(131_072)),
    ),
    (
        "Azure, tokens",
        429,
        r#"{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-02-01 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 33 seconds. Please go here: https://aka.ms/oai/quotaincrease"}}"#,
        (Verdict::RateLimited, Scope::Project, TOKENS, None, None),
    ),
    (
        "Azure, calls",
        429,
        r#"{"error":{"code":"429","message":"Requests to the Embeddings_Create Operation have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 8 seconds."}}"#,
        (Verdict::RateLimited, Scope::Project, REQUESTS, None, None),
    ),
    (
        "Azure, short",
        429,
        r#"{"error":{"code":"429","message":"Rate limit is exceeded. Try again in 2 seconds."}}"#,
        plain(Verdict::RateLimited, Scope::Project),
    ),
    (
        "Azure, key",
        401,
        r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}"#,
        plain(Verdict::InvalidKey, Scope::Key),
    ),
    (
        "Azure, deployment",
        404,
        r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."}}"#,
        plain(Verdict::NotFound, Scope::Model),
    ),
    (
        "xAI, key",
        400,
        r#"{"code":"invalid-argument","error":"Incorrect API key provided. You can obtain an API key from https://console.x.ai."}"#,
        plain(Verdict::InvalidKey, Scope::Key),
    ),
    (
        "xAI, tokens",
        429,
        r#"{"code":"resource-exhausted","error":"Too many tokens for team e9fe19cb-de96 and model grok-4-0709. Your team's rate limit is — Tokens per Minute (actual/limit): 65605/16000. You can view your team rate limits at https://console.x.ai."}"#,
        (Verdict::RateLimited, Scope::Model, TOKENS, MINUTE, Some(16_000)),
    ),
    (
        "xAI, several",
        429,
        r#"{"error":"Too many requests for team t and model grok-4. Your team's rate limit is: Requests per Second (actual/limit): 1/8, Requests per Minute (actual/limit): 480/480, Tokens per Minute (actual/limit): 5/16000."}"#,
        (Verdict::RateLimited, Scope::Model, REQUESTS, MINUTE, Some(480)),
    ),
    (
        "xAI, credits",
        429,
        r#"{"error":"Your team t has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits."}"#,
        plain(Verdict::OutOfCredit, Scope::Project),
    ),
    (
        "DeepSeek, money",
        402,
        r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#,
        plain(Verdict::OutOfCredit, Scope::Project),
    ),
    (
        "DeepSeek, key",
        401,
        r#"{"error":{"message":"Authentication Fails, Your api key: ****-key is invalid","type":"authentication_error","param":null,"code":"invalid_request_error"}}"#,
        plain(Verdict::InvalidKey, Scope::Key),
    ),
    (
        "Cerebras, tokens",
        429,
        r#"{"message":"Tokens per minute limit exceeded - too many tokens processed.","type":"too_many_tokens_error","param":"quota","code":"token_quota_exceeded"}"#,
        (Verdict::RateLimited, Scope::Project, TOKENS, MINUTE, None),
    ),
    (
        "Cerebras, requests",
        429,
        r#"{"message":"Requests per minute limit exceeded - too many requests sent.","type":"too_many_requests_error","param":"quota","code":"request_quota_exceeded"}"#,
        (Verdict::RateLimited, Scope::Project, REQUESTS, MINUTE, None),
    ),
    (
        "Cerebras, a day",
        429,
        r#"{"message":"Tokens per day limit exceeded - too many tokens processed.","type":"too_many_tokens_error","param":"quota","code":"token_quota_exceeded"}"#,
        (Verdict::QuotaExhausted, Scope::Project, TOKENS, DAY, None),
    ),
    (
        "Cerebras, prompt",
        400,
        r#"{"message":"Please reduce the length of the messages or completion. Current length is 250018 while limit is 131072","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}"#,
        (Verdict::TooLarge, Scope::None, TOKENS, None, Some(131_072)),
    ),
    (
        "Perplexity, key",
        401,
        r#"{"error":{"message":"Invalid API key provided.","type":"invalid_api_key","code":401}}"#,
        plain(Verdict::InvalidKey, Scope::Key),
    ),
    (
        "Perplexity, prompt",
        400,
        r#"{"error":{"message":"The total length of all messages is too long.","type":"too_many_prompt_tokens","code":400}}"#,
        plain(Verdict::TooLarge, Scope::None),
    ),
    (
        "Cohere, prompt",
        400,
        r#"{"error_type":"TOO_MANY_TOKENS","id":"0","message":"too many tokens: size limit exceeded by 25836 tokens. Try using shorter or fewer inputs. The limit for this model is 288000 tokens."}"#,
        (Verdict::TooLarge, Scope::None, TOKENS, None, Some(288_000)),
    ),
    (
        "Cohere, model",
        404,
        r#"{"id":"0","message":"model 'nonexistent' not found, make sure the correct model ID was used and that you have access to the model."}"#,
        plain(Verdict::NotFound, Scope::Model),
    ),
    (
        "Cohere, trial minute",
        429,
        r#"{"id":"0","message":"You are using a Trial key, which is limited to 20 API calls / minute. You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits at 'https://dashboard.cohere.com/api-keys'."}"#,
        (Verdict::RateLimited, Scope::Project, REQUESTS, MINUTE, Some(20)),
    ),
    (
        "Cohere, trial month",
        429,
        r#"{"id":"0","message":"You are using a Trial key, which is limited to 1000 API calls / month."}"#,
        plain(Verdict::OutOfCredit, Scope::Project),
    ),
    (
        "Ollama, key",
        401,
        r#"{"error":{"message":"Unauthorized","type":"api_error","param":null,"code":null}}"#,
        plain(Verdict::InvalidKey, Scope::Key),
    ),
    (
        "Ollama, prompt",
        400,
        r#"{"error":{"message":"prompt too long; exceeded max context length by 1119046 tokens (ref: 0)","type":"invalid_request_error"}}"#,
        plain(Verdict::TooLarge, Scope::None),
    ),
    (
        "Baidu",
        429,
        r#"{"error":{"code":"rpm_rate_limit_exceeded","message":"Rate limit reached for RPM","type":"rate_limit_exceeded"},"id":"as-1"}"#,
        (Verdict::RateLimited, Scope::Project, REQUESTS, MINUTE, None),
    ),
    (
        "Voyage",
        400,
        r#"{"detail":"Model nonexistent is not supported. Supported models are ['voyage-2']."}"#,
        plain(Verdict::NotFound, Scope::Model),
    ),
    (
        "GitHub Models",
        429,
        r#"{"error":{"code":"RateLimitReached","message":"Rate limit of 50 per 86400s exceeded for UserByModelByDay. Please wait 33441 seconds before retrying."}}"#,
        (Verdict::QuotaExhausted, Scope::Project, None, DAY, Some(50)),
    ),
    (
        "llama.cpp",
        400,
        r#"{"error":{"code":400,"message":"request (481909 tokens) exceeds the available context size (32768 tokens), try increasing it"}}"#,
        (Verdict::TooLarge, Scope::None, TOKENS, None, Some(32_768)),
    ),
    (
        "xAI, prompt",
        400,
        r#"{"error":"This model's maximum prompt length is 131072 but the request contains 250016 tokens."}"#,
        (Verdict::TooLarge, Scope::None, INPUT, None, Some(131_072)),
    ),
    (
        "a validation list",
        422,
        r#"{"detail":[{"loc":["body","model"],"msg":"field required","type":"value_error.missing"}]}"#,
        plain(Verdict::BadRequest, Scope::None),
    ),
    (
        "problem: quota",
        429,
        r#"{"type":"https://iana.org/assignments/http-problem-types#quota-exceeded","title":"Request cannot be satisfied as assigned quota has been exceeded"}"#,
        plain(Verdict::RateLimited, Scope::Project),
    ),
    (
        "problem: capacity",
        503,
        r#"{"type":"https://iana.org/assignments/http-problem-types#temporary-reduced-capacity","title":"Reduced capacity"}"#,
        plain(Verdict::Overloaded, Scope::None),
    ),
];

#[test]
fn the_others_tell_in_their_own_ways() {
    for &(name, status, body, expected) in OTHERS {
        assert_eq!(figures(&of(status, body)), expected, "{name}");
        assert_eq!(figures(&of_provider(Provider::Compatible, status, body)), expected, "{name}, provider known");
    }
}
