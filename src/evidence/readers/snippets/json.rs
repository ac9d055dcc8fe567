//! Values of code as the JSON that JavaScript and Python write for them.

use super::script::{Item, Value};

/// Who writes: the blanks and the escapes differ, and so does a hash of the body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Script,
    Python,
}

/// Writes a value, unless some of it is not shown.
pub fn write(item: &Item, style: Style, variables: &dyn Fn(&str) -> Option<Item>) -> Option<String> {
    let mut out = String::new();
    put(item, style, variables, 0, &mut out)?;
    Some(out)
}

fn put(item: &Item, style: Style, variables: &dyn Fn(&str) -> Option<Item>, depth: usize, out: &mut String) -> Option<()> {
    let comma = if style == Style::Python { ", " } else { "," };
    if depth > 60 || out.len() > 1 << 20 {
        return None;
    }
    match &item.value {
        Value::Text(text) => put_text(text, style, out),
        Value::Name(name) => match (name.as_str(), style) {
            ("true" | "True", _) => out.push_str("true"),
            ("false" | "False", _) => out.push_str("false"),
            ("null" | "None", _) => out.push_str("null"),
            (number, _) if serde_json::from_str::<serde_json::Number>(number).is_ok() => out.push_str(number),
            _ => put(&variables(name)?, style, variables, depth + 6, out)?,
        },
        Value::List(items) => {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                out.push_str(if number > 0 { comma } else { "" });
                put(item, style, variables, depth + 1, out)?;
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (number, (key, item)) in entries.iter().enumerate() {
                out.push_str(if number > 0 { comma } else { "" });
                put_text(key, style, out);
                out.push_str(if style == Style::Python { ": " } else { ":" });
                put(item, style, variables, depth + 1, out)?;
            }
            out.push('}');
        }
        Value::Call(..) | Value::Unknown => return None,
    }
    Some(())
}

fn put_text(text: &str, style: Style, out: &mut String) {
    let quoted = serde_json::Value::from(text).to_string();
    if style == Style::Script {
        out.push_str(&quoted);
        return;
    }
    for c in quoted.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
}
