//! The retry budget: one purse for the whole client, so that a failing provider is not hammered by everybody's retries.

/// How the purse fills and empties. `None` in the configuration means retries cost nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetPolicy {
    /// What a full purse holds. Default 100.
    pub capacity: u32,
    /// What one success returns. Default 1.
    pub refill: u32,
}

impl Default for BudgetPolicy {
    /// The AWS SDK's bucket (500 tokens, cost 5, 10 after a time-out, 1 back), scaled to one client's traffic.
    fn default() -> Self {
        Self { capacity: 100, refill: 1 }
    }
}

/// What a retry is for, which is what it costs. A move to a pool that has not failed the call is none: it takes nothing
/// from the one that did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// To the same pool again.
    SamePool,
    /// After a time-out: the provider may still be working on the first one.
    AfterTimeout,
}

#[derive(Debug)]
pub(crate) struct Budget {
    policy: Option<BudgetPolicy>,
    left: u32,
}

impl Budget {
    pub(crate) fn new(policy: Option<BudgetPolicy>) -> Self {
        Self { policy, left: policy.map_or(0, |p| p.capacity) }
    }

    /// Whether the purse pays for this retry; if it does, it has been paid.
    pub(crate) fn pay(&mut self, retry: Retry) -> bool {
        if self.policy.is_none() {
            return true;
        }
        let cost = match retry {
            Retry::SamePool => 5,
            Retry::AfterTimeout => 10,
        };
        let affordable = self.left >= cost;
        if affordable {
            self.left -= cost;
        }
        affordable
    }

    /// What is left, where anything is limited; for a snapshot.
    pub(crate) fn recorded(&self) -> Option<u32> {
        self.policy.map(|_| self.left)
    }

    /// From a snapshot.
    pub(crate) fn restore(&mut self, left: Option<u64>) {
        self.left = self.left.min(left.map_or(u32::MAX, |left| left as u32));
    }

    pub(crate) fn succeeded(&mut self) {
        if let Some(policy) = self.policy {
            self.left = self.left.saturating_add(policy.refill).min(policy.capacity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_purse_does_not_pay_until_successes_have_filled_it() {
        let mut budget = Budget::new(Some(BudgetPolicy { capacity: 10, refill: 1 }));
        assert!(budget.pay(Retry::AfterTimeout));
        assert!(!budget.pay(Retry::SamePool));
        for _ in 0..5 {
            budget.succeeded();
        }
        assert!(budget.pay(Retry::SamePool));
    }

    #[test]
    fn success_never_overfills() {
        let mut budget = Budget::new(Some(BudgetPolicy { capacity: 5, refill: 3 }));
        budget.succeeded();
        assert!(budget.pay(Retry::SamePool));
        assert!(!budget.pay(Retry::SamePool));
    }
}
