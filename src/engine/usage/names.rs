//! Words of callers (sessions, operations), by numbers: so many of them as are told apart.

use crate::engine::table::Names;

#[derive(Debug)]
pub(crate) struct Words {
    numbers: Names<u32>,
    list: Vec<String>,
    most: usize,
}

impl Words {
    pub(crate) fn new(most: usize) -> Self {
        Self { numbers: Names::default(), list: Vec::new(), most }
    }

    /// The number of a word, from 1. 0 for none, and for all that come after the last that is told apart: memory must not
    /// grow with whatever callers send.
    pub(crate) fn number(&mut self, word: Option<&str>) -> u32 {
        let Some(word) = word else { return 0 };
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        if self.list.len() >= self.most {
            return 0;
        }
        self.list.push(word.to_owned());
        let number = self.list.len() as u32;
        self.numbers.insert(word, number);
        number
    }

    /// The number of a word that is known.
    pub(crate) fn find(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }

    /// All words; the first has the number 1.
    pub(crate) fn all(&self) -> &[String] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn words_beyond_the_last_are_nobodys() {
        let mut words = Words::new(2);
        let numbers: Vec<u32> = ["a", "b", "a", "c"].map(|word| words.number(Some(word))).into();
        assert_eq!(numbers, [1, 2, 1, 0]);
        assert_eq!((words.number(None), words.find("b"), words.find("c")), (0, Some(2), None));
        assert_eq!(words.all(), ["a", "b"]);
    }
}
