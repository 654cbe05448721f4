//! The name of the model that a message is about.

use super::json::head;
use super::scan::Prose;

/// Longer than the name of any fine-tuned model; a longer run of letters is no name.
const MAX_NAME: usize = 200;

/// A name in quotes, backticks or after a colon is taken as it is; a bare one must not be a word of plain English.
const NO_NAMES: [&str; 31] = [
    "a", "an", "and", "as", "at", "be", "by", "does", "for", "has", "in", "is", "it", "name", "not", "on", "or",
    "that", "the", "this", "to", "version", "was", "which", "with", "you", "your", "rpm", "tpm", "rpd", "tpd",
];

/// The model named in a message, if any.
pub(crate) fn named(message: &Prose<'_>) -> Option<String> {
    after(message, "model: ")
        .or_else(|| quoted(message))
        .or_else(|| bucket(message))
        .or_else(|| after(message, "rate limit reached for "))
        .or_else(|| after(message, "request too large for "))
        .or_else(|| after(message, "for model "))
        .or_else(|| after(message, "and model "))
        .or_else(|| after(message, "your requests to "))
        .or_else(|| resource(message))
        .or_else(|| subject(message))
        .or_else(|| missing(message))
}

/// Whether a message speaks of one model, named or not.
pub(crate) fn meant(message: &Prose<'_>) -> bool {
    message.has_any(&["this model", "the model", "that model", "model is overloaded", "for model", "the engine"])
}

/// `The model `X` does not exist`, `model 'X' was removed`.
fn quoted(message: &Prose<'_>) -> Option<String> {
    ["model `", "model '", "model \""].iter().find_map(|lead| {
        let quote = lead.chars().last()?;
        message.each_after(lead).find_map(|rest| accepted(rest.split(quote).next()?))
    })
}

/// `OpenRouter`: `limit_rpm/<vendor>/<model>/<uuid>`; the last segment is the account's.
fn bucket(message: &Prose<'_>) -> Option<String> {
    let path = message.after("limit_rpm/").or_else(|| message.after("limit_rpd/"))?;
    let (name, _account) = token(path).rsplit_once('/')?;
    accepted(name)
}

/// Google: `models/X is not found for API version v1beta`.
fn resource(message: &Prose<'_>) -> Option<String> {
    let rest = message
        .each_after("models/")
        .find(|rest| token(rest).len() < rest.len() && rest[token(rest).len()..].starts_with(" is "))?;
    accepted(token(rest))
}

/// `X is temporarily rate-limited upstream`, `X is currently experiencing high demand`, `X is currently over capacity`.
fn subject(message: &Prose<'_>) -> Option<String> {
    [" is temporarily", " is currently"].iter().find_map(|verb| {
        let name = message.before(verb)?.rsplit([' ', '\n']).next()?;
        // A name of a model has a digit or a hyphen in it; `It` and `OpenAI` have neither.
        let marked = name.contains(|letter: char| letter.is_ascii_digit() || letter == '-' || letter == '/');
        if marked { accepted(name) } else { None }
    })
}

/// `Model X is not supported`, `The requested model X does not exist`.
fn missing(message: &Prose<'_>) -> Option<String> {
    message.each_after("model ").find_map(|rest| {
        let name = token(rest);
        let verdict = &rest[name.len()..];
        let gone = [" is not supported", " was removed", " does not exist", " not found", " is not found"];
        if gone.iter().any(|words| verdict.starts_with(words)) { accepted(name) } else { None }
    })
}

fn after(message: &Prose<'_>, lead: &str) -> Option<String> {
    message.each_after(lead).find_map(|rest| {
        let rest = rest.strip_prefix("model ").unwrap_or(rest);
        accepted(token(rest.trim_start_matches(['`', '\'', '"'])))
    })
}

/// The characters of a model's name: `meta-llama/llama-4:free`, `gpt-4o`, `ft:gpt-3.5:org::id`.
fn token(text: &str) -> &str {
    let text = head(text, MAX_NAME + 1);
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_./:@".contains(letter)));
    &text[..end.unwrap_or(text.len())]
}

fn accepted(name: &str) -> Option<String> {
    let name = name.trim_end_matches(['.', ':', ',', '/']);
    let name = name.strip_prefix("models/").unwrap_or(name);
    let plain_word = NO_NAMES.iter().any(|word| name.eq_ignore_ascii_case(word));
    (!name.is_empty() && name.len() <= MAX_NAME && !plain_word).then(|| name.to_owned())
}
