//! What logs tell.

use super::super::super::lines::Lines;
use super::super::super::wire::{Found, Run};

fn read(text: &str) -> Found {
    let lines = Lines::new(text);
    let mut found = Found::default();
    let mut at = 0;
    while at < lines.len() {
        let next = super::super::json::read(&lines, at, &mut found).or_else(|| super::read(&lines, at, &mut found));
        at = next.unwrap_or(at + 1).max(at + 1);
    }
    found
}

const ID: &str = "11111111-2222-3333-4444-555555555555";

fn check(text: &str, runs: &[Run]) {
    let text = text.replace("ID", ID);
    let found = read(&text);
    let all: Vec<Run> = found.runs.iter().map(|r| r.value).collect();
    assert_eq!(all, runs, "{text}");
    assert!(found.readers.contains(&"Lambda log") || runs.is_empty(), "{text}");
}

#[test]
fn runs_end_as_the_log_tells() {
    let report = "REPORT RequestId: ID\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB";
    for (inner, behind, run) in [
        ("hello\n{\"a\":1}", "", Run::Finished),
        ("[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n  File \"x.py\", line 3, in handler", "", Run::Exception),
        (
            "[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'x'\nTraceback (most recent call last):",
            "",
            Run::CannotLoad,
        ),
        ("2024-01-01T00:00:00.000Z ID Task timed out after 3.00 seconds", "", Run::TimedOut),
        ("", "\tStatus: timeout", Run::TimedOut),
        (
            "RequestId: ID Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
            "\tStatus: error\tError Type: Runtime.ExitError",
            Run::OutOfMemory,
        ),
        (
            "2024-01-01T00:00:00.000Z\tID\tERROR\tInvoke Error \t{\"errorType\":\"TypeError\",\"errorMessage\":\"x is not a function\",\"stack\":[]}",
            "",
            Run::Exception,
        ),
        (
            "2024-01-01T00:00:00.000Z\tundefined\tERROR\tUncaught Exception \t{\"errorType\":\"Runtime.HandlerNotFound\",\"errorMessage\":\"app.handler is undefined\"}",
            "",
            Run::CannotLoad,
        ),
        ("2024-01-01T00:00:00.000Z\tID\tERROR\tonly a level", "", Run::Finished),
    ] {
        check(&format!("START RequestId: ID Version: $LATEST\n{inner}\nEND RequestId: ID\n{report}{behind}"), &[run]);
        let plain = format!("START RequestId: ID Version: $LATEST\n{inner}\nEND RequestId: ID\n{report}{behind}");
        let stream = "2024-01-01T00:00:00.000000+00:00 2024/01/01/[$LATEST]0123456789abcdef0123456789abcdef ";
        let tailed: Vec<String> = plain.lines().map(|line| format!("{stream}{line}")).collect();
        check(&tailed.join("\n"), &[run]);
        let table: Vec<String> = plain.lines().map(|line| format!("| 2024-01-01T00:00:00.000Z | {line} |")).collect();
        check(&table.join("\n"), &[run]);
    }
}

#[test]
fn single_lines_tell_how_a_run_ended() {
    check("Task timed out after 3.00 seconds", &[Run::TimedOut]);
    check("Unable to import module 'x': No module named 'y'", &[Run::CannotLoad]);
    check(
        r#"{"time":"2024-01-01T00:00:00Z","type":"platform.report","record":{"requestId":"x","status":"timeout"}}"#,
        &[Run::TimedOut],
    );
    check(
        r#"{"time":"2024-01-01T00:00:00Z","type":"platform.report","record":{"requestId":"x","status":"success"}}"#,
        &[Run::Finished],
    );
    check(
        r#"{"timestamp":"2024-01-01T00:00:00Z","level":"ERROR","requestId":"x","errorType":"Runtime.ImportModuleError","errorMessage":"no"}"#,
        &[Run::CannotLoad],
    );
    check("REPORT RequestId: ID Duration: 1 ms", &[]);
    check("[ERROR] something happened", &[]);
}

#[test]
fn a_run_that_is_not_shown_to_its_end_has_not_finished() {
    check("START RequestId: ID Version: $LATEST\nhello", &[]);
}

#[test]
fn an_execution_log_tells_verb_status_and_errors() {
    for prefix in ["(ID) ", "Mon Jan 01 00:00:00 UTC 2024 : ", ""] {
        let all = [
            "HTTP Method: GET, Resource Path: /x",
            "Method request headers: {Accept=*/*, x-api-key=****abc}",
            "Endpoint response body before transformations: {\"errorMessage\":\"x\",\"errorType\":\"KeyError\"}",
            "Lambda execution failed with status 200 due to customer function error: x",
            "Method completed with status: 502",
        ];
        let text = all.map(|line| format!("{}{line}", prefix.replace("ID", ID))).join("\n");
        let found = read(&text);
        assert_eq!(found.exchanges.len(), 1, "{text}");
        assert_eq!(found.exchanges[0].response.as_ref().unwrap().status.as_ref().unwrap().value, 502);
        assert_eq!(found.runs.iter().map(|r| r.value).collect::<Vec<_>>(), [Run::Exception]);
        assert!(found.readers.contains(&"execution log") && !found.readers.contains(&"Lambda log"));
        assert_eq!(found.errors[0].code.as_deref(), Some("KeyError"));
    }
}

#[test]
fn faults_of_an_execution_log_are_messages() {
    for line in [
        "Execution failed due to configuration error: Invalid permissions on Lambda function",
        "Execution failed due to configuration error: Malformed Lambda proxy response",
        "API Key  not authorized because method 'GET /x' requires API Key and API Key is not associated with a Usage Plan for API Stage abc123defg/prod: No Usage Plan found for Key and API Stage",
        "Gateway response type: MISSING_AUTHENTICATION_TOKEN with status code: 403",
    ] {
        assert_eq!(read(&format!("({ID}) {line}")).errors[0].message.as_deref(), Some(line));
    }
    assert!(read("(see above) it failed").readers.is_empty());
}
