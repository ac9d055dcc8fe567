//! How shells split their words.

use proptest::prelude::*;

use super::*;

fn words(text: &str, shell: Shell) -> Vec<String> {
    read_command(text, 1, shell, None).words.into_iter().map(|w| w.text).collect()
}

#[track_caller]
fn check(shell: Shell, text: &str, expected: &[&str]) {
    assert_eq!(words(text, shell), expected, "{text}");
}

#[test]
fn bash_splits_as_bash_does() {
    let cases: &[(&str, &[&str])] = &[
        ("curl a  b\tc", &["curl", "a", "b", "c"]),
        (r#"curl 'a b' "c d" e\ f"#, &["curl", "a b", "c d", "e f"]),
        (r#"curl 'it'\''s' "say \"hi\" \n \$x""#, &["curl", "it's", "say \"hi\" \\n $x"]),
        (r#"curl $'a\'b\n\u0021\x41\101\xc3\xa9\q'"#, &["curl", "a'b\n!AAé\\q"]),
        ("curl a \\\n  -H 'b: c' \\\r\n  d", &["curl", "a", "-H", "b: c", "d"]),
        ("curl a \\\n> -H b", &["curl", "a", "-H", "b"]),
        ("curl ab\\\ncd", &["curl", "abcd"]),
        ("curl \"a\\\nb\"", &["curl", "ab"]),
        ("curl -d '{\n \"a\": 1\n}' b", &["curl", "-d", "{\n \"a\": 1\n}", "b"]),
        ("curl a | jq .", &["curl", "a"]),
        ("curl a; ls", &["curl", "a"]),
        ("curl a && ls", &["curl", "a"]),
        ("curl a 2>/dev/null", &["curl", "a"]),
        ("curl a # more", &["curl", "a"]),
        ("curl a#b", &["curl", "a#b"]),
        ("curl https://x/?a=1&b=2", &["curl", "https://x/?a=1"]),
        (
            "curl \"$URL\" ${A}b $(cat f) \"x $(jq -r \".a\" f) y\"",
            &["curl", "$URL", "${A}b", "$(cat f)", "x $(jq -r \".a\" f) y"],
        ),
        ("curl https://<api-id>.x/y > out", &["curl", "https://<api-id>.x/y"]),
        ("curl '' \"\"", &["curl", "", ""]),
        ("curl a\nI get it", &["curl", "a"]),
    ];
    for (text, expected) in cases {
        check(Shell::Bash, text, expected);
    }
}

#[test]
fn an_open_quote_ends_with_the_paragraph() {
    let cases: &[(&str, &[&str])] = &[
        ("curl 'https://x\nmore\n\nnext", &["curl", "https://x\nmore"]),
        ("curl 'https://x\n\nI don't know", &["curl", "https://x"]),
        ("curl \"https://x\n{\"message\":\"Forbidden\"}", &["curl", "https://x"]),
        ("curl \"https://x\n< HTTP/1.1 403", &["curl", "https://x"]),
        ("curl \"https://x", &["curl", "https://x"]),
    ];
    for (text, expected) in cases {
        check(Shell::Bash, text, expected);
        assert!(read_command(text, 1, Shell::Bash, None).doubtful, "{text}");
    }
}

#[test]
fn a_lost_backslash_leaves_a_doubt() {
    for text in ["curl a \\ \n  -H b", "curl a\n  -H b"] {
        let command = read_command(text, 1, Shell::Bash, None);
        assert_eq!((command.words.len(), command.doubtful), (4, true), "{text}");
        assert_eq!(command.words[2].line, 2);
    }
}

#[test]
fn cmd_drops_its_carets() {
    let cases: &[(&str, &[&str])] = &[
        ("curl ^\"https://x/^?a=1^&b=2^\" ^\n  -H ^\"a: ^\\^\"q^\\^\"^\" ^\n", &["curl", "https://x/?a=1&b=2", "-H", "a: \"q\""]),
        (
            "curl \"https://x?a=1&b=2\" ^\r\n  -d \"{\\\"a\\\": \\\"b c\\\"}\"",
            &["curl", "https://x?a=1&b=2", "-d", "{\"a\": \"b c\"}"],
        ),
        ("curl -d \"a\"\"b\" c", &["curl", "-d", "a\"b", "c"]),
        ("curl -d ^\"a^\n\nb^\" c", &["curl", "-d", "a\nb", "c"]),
        ("curl C:\\x\\y | more", &["curl", "C:\\x\\y"]),
    ];
    for (text, expected) in cases {
        check(Shell::Cmd, text, expected);
    }
}

#[test]
fn powershell_escapes_with_a_backtick() {
    let cases: &[(&str, &[&str])] = &[
        ("curl.exe \"a `\"b`\" \"\"c\"\"\" `\n  -H 'd ''e'''", &["curl.exe", "a \"b\" \"c\"", "-H", "d 'e'"]),
        ("irm -Headers @{ \"a\"=\"}\"; 'b'='c' } -Body $b", &["irm", "-Headers", "@{ \"a\"=\"}\"; 'b'='c' }", "-Body", "$b"]),
        ("irm a; ls", &["irm", "a"]),
    ];
    for (text, expected) in cases {
        check(Shell::PowerShell, text, expected);
    }
}

#[test]
fn a_shell_is_known_by_its_marks() {
    for (line, shell) in [
        ("curl ^\"https://x^\" ^", Shell::Cmd),
        ("curl \"https://x\" ^", Shell::Cmd),
        ("curl \"https://x\" `", Shell::PowerShell),
        ("curl \"https://x\" \\", Shell::Bash),
    ] {
        assert_eq!(Shell::guess(line), shell, "{line}");
    }
}

fn ansi(text: &str) -> String {
    let inside: String = text
        .chars()
        .map(|c| match c {
            '\'' | '\\' => format!("\\{c}"),
            '\n' => "\\n".to_owned(),
            c if c.is_control() && (c as u32) > 0 => format!("\\u{:04x}", c as u32),
            c => c.to_string(),
        })
        .collect();
    format!("$'{inside}'")
}

fn double(text: &str) -> String {
    let inside: String = text.chars().map(|c| if "\"\\$`".contains(c) { format!("\\{c}") } else { c.to_string() }).collect();
    format!("\"{inside}\"")
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}|[\\\\'\"$`^(){}\n\r @a-c<>|;&#]{0,80}") {
        for shell in [Shell::Bash, Shell::Cmd, Shell::PowerShell] {
            let command = read_command(&text, 1, shell, Some('`'));
            prop_assert!(text.is_char_boundary(command.end));
        }
    }

    #[test]
    fn quoted_words_read_back_the_same(text in "(?s)[^\\x00]{0,40}|[\\\\'\"$`\n a-c!(){}]{0,40}") {
        let single = format!("'{}'", text.replace('\'', "'\\''"));
        for quoted in [single, ansi(&text), double(&text)] {
            let command = format!("curl {quoted} -H {quoted} | end");
            prop_assert_eq!(words(&command, Shell::Bash), ["curl", text.as_str(), "-H", text.as_str()], "{}", command);
        }
    }
}
