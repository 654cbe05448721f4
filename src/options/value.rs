//! Whatever JavaScript handed over, as a tree that can be looked at before anything is believed about it.
//!
//! Derived deserialisation would look only at the fields it knows and accept a misspelt one in silence; and its
//! messages name no field.

use core::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::words;

/// One JavaScript value.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `undefined` or `null`: as good as not given.
    Nothing,
    /// `true` or `false`.
    Bool(bool),
    /// Any number, `NaN` and the infinities included.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object, its fields in the order in which they were written.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// What it is, with its article: `a number`, `an array`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "an array",
            Self::Map(_) => "an object",
        }
    }

    /// A field of an object; `undefined` and `null` count as absent.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        let Self::Map(fields) = self else { return None };
        fields.iter().find(|(known, value)| known == name && *value != Self::Nothing).map(|(_, value)| value)
    }
}

/// Shape without content: any of the strings may be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Bool(on) => write!(f, "Bool({on})"),
            Self::Number(number) => write!(f, "Number({})", words::number(*number)),
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Self::List(items) => f.debug_list().entries(items).finish(),
            Self::Map(fields) => f.debug_map().entries(fields.iter().map(|(name, value)| (name, value))).finish(),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Nested { depth_left: MOST_DEEP }.deserialize(deserializer)
    }
}

/// A value at some depth of the tree.
#[derive(Clone, Copy)]
struct Nested {
    depth_left: u32,
}

impl Nested {
    fn inner<E: Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left }),
            None => Err(E::custom("nested more than 32 levels deep (does an object contain itself?)")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain data: a boolean, a number, a string, an array or an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, on: bool) -> Result<Value, E> {
        Ok(Value::Bool(on))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    // The three below replace serde's own, which print what they refuse and bring the formatting of floats along.
    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Value, E> {
        Err(E::custom("bytes are not plain data"))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Value, E> {
        Err(E::custom("a bigint of more than 64 bits is not plain data"))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Value, E> {
        Err(E::custom("a bigint of more than 64 bits is not plain data"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            fields.push((name, map.next_value_seed(inner)?));
        }
        Ok(Value::Map(fields))
    }
}

/// Options are four levels deep. An object that contains itself ends here instead of filling the memory.
pub const MOST_DEEP: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Value, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn plain_data_arrives_as_it_was_written() {
        let value = read(r#"{"b":[null,true,-3,2.5,"x"],"a":{}}"#).unwrap();
        let list = vec![
            Value::Nothing,
            Value::Bool(true),
            Value::Number(-3.0),
            Value::Number(2.5),
            Value::Text(String::from("x")),
        ];
        let fields = vec![(String::from("b"), Value::List(list)), (String::from("a"), Value::Map(Vec::new()))];
        assert_eq!(value, Value::Map(fields));
    }

    #[test]
    fn thirty_two_levels_are_enough_and_the_most() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&nested(32)).is_ok());
        let refusal = read(&nested(33)).unwrap_err().to_string();
        assert!(refusal.starts_with("nested more than 32 levels deep"), "{refusal}");
    }

    #[test]
    fn debug_shows_no_string() {
        let value = read(r#"{"key":"hunter2","list":["hunter2"]}"#).unwrap();
        assert!(!format!("{value:?}").contains("hunter2"));
    }

    #[test]
    fn every_kind_has_its_article() {
        let kinds: Vec<&str> =
            [r"null", "true", "1", r#""x""#, "[]", "{}"].map(|json| read(json).unwrap().kind()).into();
        assert_eq!(kinds, ["nothing", "a boolean", "a number", "a string", "an array", "an object"]);
    }
}
