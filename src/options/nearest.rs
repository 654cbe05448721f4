//! The known name that somebody probably meant.

/// The nearest of `known`: at most two slips away, or else the one with the longest beginning in common.
///
/// Case, `_` and `-` are not looked at, so that `max_retries` finds `maxRetries`.
pub fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let written = plain(written);
    if written.is_empty() || written.len() > LONGEST {
        return None;
    }
    by_slips(&written, known).or_else(|| by_beginning(&written, known))
}

fn by_slips<'a>(written: &[u8], known: &[&'a str]) -> Option<&'a str> {
    // Of a short name half may be wrong at most: `foo` is not a way to write `rpm`.
    let most = (written.len() / 2).min(2);
    let slips_of = |name: &&'a str| slips(written, &plain(name));
    // `min_by_key` keeps the first of equals: the order of `known` decides.
    known.iter().map(|name| (slips_of(name), *name)).min_by_key(|(n, _)| *n).filter(|(n, _)| *n <= most).map(|(_, n)| n)
}

fn by_beginning<'a>(written: &[u8], known: &[&'a str]) -> Option<&'a str> {
    let common_with = |name: &str| written.iter().zip(plain(name)).take_while(|(a, b)| **a == *b).count();
    let mut best = (SHORTEST_BEGINNING - 1, None);
    for name in known {
        let common = common_with(name);
        if common > best.0 {
            best = (common, Some(*name));
        }
    }
    best.1
}

/// Damerau-Levenshtein (optimal string alignment): letters wrong, missing, too many, or two neighbours swapped.
fn slips(a: &[u8], b: &[u8]) -> usize {
    let mut earlier: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &to) in b.iter().enumerate() {
            let replaced = above[j] + usize::from(from != to);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from == b[j - 1] && a[i - 1] == to {
                least = least.min(earlier[j - 1] + 1);
            }
            row.push(least);
        }
        earlier = core::mem::replace(&mut above, row);
    }
    above[b.len()]
}

fn plain(name: &str) -> Vec<u8> {
    name.bytes().filter(|b| !matches!(b, b'_' | b'-')).map(|b| b.to_ascii_lowercase()).collect()
}

/// No name of ours is half as long.
const LONGEST: usize = 64;

/// Fewer letters in common are chance: `resetInterval` is not meant by `restart`.
const SHORTEST_BEGINNING: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = ["maxRetries", "timeout", "baseURL", "rpm", "resetInterval"];

    #[test]
    fn slips_of_every_sort_are_forgiven() {
        for written in ["maxRetrys", "maxretries", "max_retries", "maxRetreis", "mxRetries", "maxRetriess"] {
            assert_eq!(nearest(written, &KNOWN), Some("maxRetries"), "{written}");
        }
        assert_eq!(nearest("baseUrl", &KNOWN), Some("baseURL"));
        assert_eq!(nearest("rpn", &KNOWN), Some("rpm"));
        assert_eq!(nearest("timeuot", &KNOWN), Some("timeout"));
    }

    #[test]
    fn a_common_beginning_is_enough() {
        assert_eq!(nearest("timeoutMilliseconds", &KNOWN), Some("timeout"));
        assert_eq!(nearest("resetEvery", &KNOWN), Some("resetInterval"));
    }

    #[test]
    fn strangers_get_no_suggestion() {
        let long = "x".repeat(10_000);
        for written in ["", "__", "foo", "temperature", "restart", &long, "日本"] {
            assert_eq!(nearest(written, &KNOWN), None, "{written}");
        }
    }
}
