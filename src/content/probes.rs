//! Commands in a question or under `## Check`: they look, and change nothing. Start at [`list_changing`].

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// How the operations of the AWS CLI begin that only read.
const READING: [&str; 11] =
    ["get-", "list-", "describe-", "head-", "lookup-", "search-", "batch-get-", "select-", "filter-", "simulate-", "decode-"];
/// Operations that only read and are named otherwise.
const ALSO_READING: [(&str, &[&str]); 4] =
    [("logs", &["tail"]), ("configure", &["list", "get", "list-profiles"]), ("s3", &["ls", "presign"]), ("help", &[])];
/// Programs that have no other use than to change something.
const CHANGING: [&str; 14] =
    ["terraform", "sam", "sls", "serverless", "cdk", "pulumi", "kubectl", "rm", "mv", "cp", "chmod", "kill", "systemctl", "sudo"];
/// HTTP methods that only read.
const SAFE_VERBS: [&str; 4] = ["GET", "HEAD", "OPTIONS", "TRACE"];
/// Options of curl that send a body, so that the method becomes POST.
const SENDING: [&str; 9] = ["-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "-F", "--form", "-T"];

/// A command that could change something.
pub struct Changing {
    /// Lines below the start of the text, from 0.
    pub line: usize,
    pub message: String,
}

/// Looks at the shell blocks of a text, or of one of its sections.
pub fn list_changing(body: &str, section: Option<&str>) -> Vec<Changing> {
    let mut found = Vec::new();
    let inside = |at: usize| section.is_none_or(|heading| heading_at(body, at) == Some(heading));
    let mut open = false;
    for (event, range) in Parser::new(body).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = matches!(info.split_whitespace().next(), Some("sh" | "bash" | "shell" | "console")) && inside(range.start);
            }
            Event::Text(text) if open => {
                let first = body[..range.start].matches('\n').count();
                found.extend(
                    commands(&text)
                        .into_iter()
                        .filter_map(|(line, command)| Some(Changing { line: first + line, message: changes(&command)? })),
                );
            }
            Event::End(TagEnd::CodeBlock) => open = false,
            _ => {}
        }
    }
    found
}

/// The heading of the second level under which a place stands.
fn heading_at(body: &str, at: usize) -> Option<&str> {
    body[..at].lines().rev().find(|l| l.starts_with("## ")).map(str::trim_end)
}

/// Commands with the line on which they begin; a line that ends with a backslash goes on.
fn commands(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in text.lines().enumerate() {
        let (part, continued) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        match all.last_mut() {
            Some((_, last)) if goes_on => last.push_str(part),
            _ => all.push((number, part.to_owned())),
        }
        goes_on = continued;
    }
    let parts = |(number, line): (usize, String)| -> Vec<(usize, Vec<String>)> {
        let pieces = line.split(['|', ';', '&', '(', '`']).map(|piece| piece.split_whitespace().map(unquote).collect());
        pieces.map(|words| (number, words)).collect()
    };
    all.into_iter().flat_map(parts).collect()
}

fn unquote(word: &str) -> String {
    word.trim_matches(['\'', '"']).to_owned()
}

/// Why a command is not only for looking.
fn changes(command: &[String]) -> Option<String> {
    let words: Vec<&str> = command.iter().map(String::as_str).skip_while(|w| *w == "$" || w.contains('=')).collect();
    match words.as_slice() {
        ["aws", rest @ ..] => changes_aws(rest),
        ["curl", rest @ ..] => changes_http(rest),
        [program, ..] if CHANGING.contains(program) => {
            Some(format!("`{program}` can change something: a check only looks, so move the command to `## Fix`"))
        }
        _ => None,
    }
}

fn changes_aws(words: &[&str]) -> Option<String> {
    let mut named = positional(words).into_iter();
    let (service, operation) = (named.next()?, named.next().unwrap_or_default());
    let reads = READING.iter().any(|r| operation.starts_with(r))
        || ALSO_READING.iter().any(|(s, operations)| *s == service && (operations.is_empty() || operations.contains(&operation)));
    (!reads).then(|| {
        format!("`aws {service} {operation}` could change something: a check only looks, so use a `get-`, `list-` or `describe-` command, or move it to `## Fix`")
    })
}

/// The words that are neither an option nor the value of one; what stands before the service is an option of `aws` itself.
fn positional<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut named = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.starts_with('-') {
            true if word.contains('=') || *word == "--debug" || word.starts_with("--no-") => {}
            true => drop(words.next()),
            false => named.push(*word),
        }
    }
    named
}

fn changes_http(words: &[&str]) -> Option<String> {
    let named = words.iter().enumerate().find_map(|(at, word)| match *word {
        "-X" | "--request" => words.get(at + 1).copied(),
        _ => word.strip_prefix("-X").filter(|v| !v.is_empty()),
    });
    let gets = words.iter().any(|w| matches!(*w, "-G" | "--get"));
    let sends = words.iter().any(|w| SENDING.contains(w)) && !gets;
    let verb = named.unwrap_or(if sends { "POST" } else { "GET" });
    (!SAFE_VERBS.contains(&verb)).then(|| {
        format!(
            "a `{verb}` with curl could change something: a check only looks, so use GET, HEAD or OPTIONS, or move it to `## Fix`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &str, changing: bool) {
        let body = format!("Text.\n\n```sh\n{command}\n```\n");
        let found = list_changing(&body, None);
        assert_eq!(!found.is_empty(), changing, "{command}: {:?}", found.first().map(|f| &f.message));
    }

    #[test]
    fn commands_that_only_look_pass() {
        for command in [
            "aws apigateway get-stage --rest-api-id API_ID",
            "aws logs tail /aws/lambda/FUNCTION --since 15m",
            "aws --profile other sts get-caller-identity",
            "aws configure list",
            "aws s3 ls s3://BUCKET",
            "curl -si 'https://example.com' | head -n 5",
            "curl -si -X OPTIONS https://example.com -H 'Origin: https://a.example'",
            "curl -G -d a=b https://example.com",
            "NAME=x aws iam list-access-keys",
            "date -u",
        ] {
            check(command, false);
        }
    }

    #[test]
    fn commands_that_could_change_something_are_refused() {
        for command in [
            "aws apigateway create-deployment --rest-api-id API_ID",
            "aws apigateway test-invoke-method --rest-api-id API_ID",
            "aws s3 rm s3://BUCKET/KEY",
            "aws lambda invoke --function-name FUNCTION out.json",
            "aws --region REGION \\\n  lambda update-function-code",
            "date -u && aws iam delete-access-key",
            "curl -X POST https://example.com",
            "curl -XDELETE https://example.com",
            "curl -d a=b https://example.com",
            "terraform apply",
            "$ sudo timedatectl set-ntp true",
        ] {
            check(command, true);
        }
    }

    #[test]
    fn only_the_named_section_is_looked_at() {
        let body = "## Check\n\n```sh\naws s3 rm s3://B/K\n```\n\n## Fix\n\n```sh\naws s3 rm s3://B/K\n```\n";
        let found = list_changing(body, Some("## Check"));
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [3]);
    }
}
