//! Reports as JSON, which the host reads in one go.
//!
//! The code of a crossing for each field was most of this room's: 60 KB, where a field is now one call of a function that is
//! shared by all fields of its type. What JSON has no word for (NaN, infinity) becomes `null`. Nothing here can fail, and the type of the error says so:
//! no call is followed by a look at its result.

use core::fmt;

use js_sys::Number;
use serde::ser::{self, Serialize, Serializer};

/// The text so far.
#[derive(Debug, Default)]
pub(crate) struct Json(String);

/// What can't happen.
#[derive(Debug)]
pub(crate) enum Never {}

/// An array or object that is still open, and what closes it.
#[derive(Debug)]
pub(crate) struct Open<'a> {
    json: &'a mut Json,
    close: &'static str,
}

type Written<T = ()> = Result<T, Never>;

impl Json {
    /// A report's text.
    pub(crate) fn of<T: Serialize + ?Sized>(report: &T) -> String {
        let mut json = Self::default();
        match report.serialize(&mut json) {
            Ok(()) => json.0,
            Err(never) => match never {},
        }
    }

    #[inline(never)]
    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    #[inline(never)]
    fn text(&mut self, text: &str) {
        self.raw("\"");
        for char in text.chars() {
            match char {
                '"' | '\\' => self.0.extend(['\\', char]),
                ..' ' => {
                    self.raw("\\u00");
                    self.0.extend([hex(char as u32 >> 4), hex(char as u32 & 15)]);
                }
                _ => self.0.push(char),
            }
        }
        self.raw("\"");
    }

    #[inline(never)]
    fn whole(&mut self, mut number: u64) {
        let mut digits = [0; MOST_DIGITS];
        let mut at = MOST_DIGITS;
        loop {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.0.extend(digits[at..].iter().map(|digit| char::from(*digit)));
    }

    /// By the host: Rust's own way of writing floats has 14 KB. JSON knows no infinity.
    #[inline(never)]
    fn number(&mut self, number: f64) {
        let text = if number.is_finite() { Number::from(number).to_string_with_radix(10).ok() } else { None };
        match text {
            Some(text) => self.raw(&String::from(text)),
            None => self.raw("null"),
        }
    }

    /// Opens an array or object.
    #[inline(never)]
    fn open(&mut self, open: &str, close: &'static str) -> Open<'_> {
        self.raw(open);
        Open { json: self, close }
    }

    /// A comma, unless this is the first in its array or object, and the name.
    #[inline(never)]
    fn name(&mut self, name: &str) {
        self.comma();
        self.text(name);
        self.raw(":");
    }

    #[inline(never)]
    fn comma(&mut self) {
        if !self.0.ends_with(['[', '{']) {
            self.raw(",");
        }
    }
}

fn hex(digit: u32) -> char {
    char::from_digit(digit, 16).unwrap_or('0')
}

/// Of the largest `u64`.
const MOST_DIGITS: usize = 20;

impl Open<'_> {
    #[inline(never)]
    #[allow(clippy::unnecessary_wraps, reason = "what serde wants at the end of everything")]
    fn shut(self) -> Written {
        self.json.raw(self.close);
        Ok(())
    }

    // Not inlined, so that there is one for each type and not one for each field.
    #[inline(never)]
    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Written {
        self.json.comma();
        item.serialize(&mut *self.json)
    }

    #[inline(never)]
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Written {
        self.json.name(name);
        value.serialize(&mut *self.json)
    }
}

impl<'a> Serializer for &'a mut Json {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeStructVariant = Open<'a>;

    fn serialize_bool(self, on: bool) -> Written {
        self.raw(if on { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, number: i8) -> Written {
        self.serialize_i64(i64::from(number))
    }

    fn serialize_i16(self, number: i16) -> Written {
        self.serialize_i64(i64::from(number))
    }

    fn serialize_i32(self, number: i32) -> Written {
        self.serialize_i64(i64::from(number))
    }

    fn serialize_i64(self, number: i64) -> Written {
        if number < 0 {
            self.raw("-");
        }
        self.serialize_u64(number.unsigned_abs())
    }

    fn serialize_u8(self, number: u8) -> Written {
        self.serialize_u64(u64::from(number))
    }

    fn serialize_u16(self, number: u16) -> Written {
        self.serialize_u64(u64::from(number))
    }

    fn serialize_u32(self, number: u32) -> Written {
        self.serialize_u64(u64::from(number))
    }

    fn serialize_u64(self, number: u64) -> Written {
        self.whole(number);
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Written {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_f64(self, number: f64) -> Written {
        self.number(number);
        Ok(())
    }

    fn serialize_char(self, char: char) -> Written {
        self.serialize_str(char.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Written {
        self.text(text);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Written {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.raw("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let mut open = self.open("{", "}");
        open.field(variant, value)?;
        open.shut()
    }

    fn serialize_seq(self, _: Option<usize>) -> Written<Open<'a>> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Written<Open<'a>> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Written<Open<'a>> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Written<Open<'a>> {
        self.raw("{");
        self.name(variant);
        Ok(self.open("[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Written<Open<'a>> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Written<Open<'a>> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Written<Open<'a>> {
        self.raw("{");
        self.name(variant);
        Ok(self.open("{", "}}"))
    }
}

/// The traits of arrays, which differ in their methods' names only.
macro_rules! arrays {
    ($($kind:ident $method:ident),*) => {$(
        impl ser::$kind for Open<'_> {
            type Ok = ();
            type Error = Never;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Written {
                self.item(item)
            }

            fn end(self) -> Written {
                self.shut()
            }
        }
    )*};
}

arrays!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

/// The same of objects.
macro_rules! objects {
    ($($kind:ident),*) => {$(
        impl ser::$kind for Open<'_> {
            type Ok = ();
            type Error = Never;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
                self.field(name, value)
            }

            fn end(self) -> Written {
                self.shut()
            }
        }
    )*};
}

objects!(SerializeStruct, SerializeStructVariant);

/// Names that are no strings would make no JSON; ours are field names.
impl ser::SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Written {
        self.item(name)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.json.raw(":");
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Written {
        self.shut()
    }
}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl core::error::Error for Never {}

impl ser::Error for Never {
    /// Asked for by types that refuse to be written: paths, locks. Ours have none.
    fn custom<T: fmt::Display>(_: T) -> Self {
        unreachable!("reports hold plain data")
    }
}
