//! Which tier a refusal says it is of.

use super::google::Quota;
use super::scan::{self, Prose};

/// `free` or `paid` by Google's names of quotas and its words, else what Groq calls the service tier. Advertisements
/// (`upgrade to Dev Tier today`) state nothing.
pub(crate) fn stated(message: &Prose<'_>, quotas: &[Quota]) -> Option<String> {
    let named = |tier: &str| {
        let of_a_quota = |quota: &Quota| {
            let names = [&*quota.id, &*quota.metric].concat().to_ascii_lowercase().replace(['_', '-'], "");
            names.contains(tier)
        };
        quotas.iter().any(of_a_quota)
    };
    if named("freetier") || message.has("on free tier") {
        return Some(String::from("free"));
    }
    if named("paidtier") {
        return Some(String::from("paid"));
    }
    let word = message.after("service tier `").map(|rest| scan::until(rest, &['`', ' ']))?;
    (!word.is_empty() && word.len() <= LONGEST).then(|| word.to_owned())
}

/// Longer is no name of a tier.
const LONGEST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(metric: &str, id: &str) -> Option<String> {
        stated(&Prose::new(""), &[Quota { metric: metric.into(), id: id.into(), limit: None, model: None }])
    }

    #[test]
    fn names_of_quotas_tell_free_from_paid() {
        assert_eq!(of("", "GenerateRequestsPerDayPerProjectPerModel-FreeTier").as_deref(), Some("free"));
        assert_eq!(of("generate_content_free_tier_requests", "").as_deref(), Some("free"));
        assert_eq!(of("generate_content_paid_tier_2_requests", "").as_deref(), Some("paid"));
        assert_eq!(of("", "GenerateContentPaidTierInputTokensPerModelPerMinute").as_deref(), Some("paid"));
        assert_eq!(of("generate_requests_per_model", ""), None);
    }

    #[test]
    fn words_are_taken_as_they_are_and_advertisements_are_not() {
        let groq =
            "organization `o` service tier `on_demand` on tokens per day (TPD): Limit 5. Upgrade to Dev Tier today";
        assert_eq!(stated(&Prose::new(groq), &[]).as_deref(), Some("on_demand"));
        assert_eq!(stated(&Prose::new("(limit: 10 requests per day on Free Tier)"), &[]).as_deref(), Some("free"));
        assert_eq!(stated(&Prose::new("Upgrade to Dev Tier today"), &[]), None);
    }
}
