//! What kind of host a name belongs to. Start at [`classify`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kind of a host and the region in its name, both as the facts have them.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Place {
    pub kind: &'static str,
    /// As written.
    pub region: String,
}

/// Tells what a host is by its name; everything is empty when the name is a placeholder or has no domain.
pub fn classify(host: &str) -> Place {
    let host = host.trim_end_matches('.');
    let lower = host.to_ascii_lowercase();
    let labels: Vec<&str> = host.split('.').collect();
    let (kind, region) = match labels_before(&lower, &labels) {
        Some((Owner::Cognito, rest)) => classify_cognito(rest),
        Some((Owner::CloudFront, _)) => ("cloudfront", ""),
        Some((Owner::Aws, rest)) => classify_aws(rest),
        None if is_local(&lower) => ("local", ""),
        None if is_unknown(&lower) => ("", ""),
        None => ("other", ""),
    };
    Place { kind, region: region.to_owned() }
}

enum Owner {
    Aws,
    Cognito,
    CloudFront,
}

/// Takes AWS's own domains off the end of a name.
fn labels_before<'a, 'b>(lower: &str, labels: &'b [&'a str]) -> Option<(Owner, &'b [&'a str])> {
    const DOMAINS: &[(&str, Owner)] = &[
        ("amazoncognito.com", Owner::Cognito),
        ("cloudfront.net", Owner::CloudFront),
        ("amazonaws.com", Owner::Aws),
        ("amazonaws.com.cn", Owner::Aws),
        ("amazonaws.eu", Owner::Aws),
        ("api.aws", Owner::Aws),
        ("on.aws", Owner::Aws),
    ];
    DOMAINS.iter().find_map(|(domain, owner)| {
        let rest = lower.strip_suffix(domain)?;
        let count = labels.len() - domain.split('.').count().min(labels.len());
        let owner = match owner {
            Owner::Aws => Owner::Aws,
            Owner::Cognito => Owner::Cognito,
            Owner::CloudFront => Owner::CloudFront,
        };
        (rest.is_empty() || rest.ends_with('.')).then(|| (owner, &labels[..count]))
    })
}

/// `PREFIX.auth.REGION`
fn classify_cognito<'a>(labels: &[&'a str]) -> (&'static str, &'a str) {
    match labels {
        [_, auth, region] if is(auth, "auth") || is(auth, "auth-fips") => ("cognito", region),
        _ => ("aws", ""),
    }
}

fn classify_aws<'a>(labels: &[&'a str]) -> (&'static str, &'a str) {
    match labels {
        [.., api, region, vpce] if is(api, "execute-api") && is(vpce, "vpce") => ("vpc-endpoint", region),
        [.., s3, region, vpce] if is(s3, "s3") && is(vpce, "vpce") => ("s3", region),
        [first, .., api, region] if is(api, "execute-api") => {
            (if first.to_ascii_lowercase().contains("-vpce-") { "vpc-endpoint" } else { "execute-api" }, region)
        }
        [.., url, region] if is(url, "lambda-url") => ("lambda-url", region),
        [idp, region] if is(idp, "cognito-idp") || is(idp, "cognito-idp-fips") => ("cognito", region),
        _ => classify_s3(labels).unwrap_or_else(|| ("aws", find_region(labels))),
    }
}

/// `[BUCKET.]s3[.dualstack].REGION`, `[BUCKET.]s3-REGION`, `[BUCKET.]s3-website.REGION` and the like; the bucket may hold dots.
fn classify_s3<'a>(labels: &[&'a str]) -> Option<(&'static str, &'a str)> {
    let (last, before) = labels.split_last()?;
    if let Some(region) = strip(last, "s3-website-").filter(|r| is_region(r)) {
        return Some(("s3-website", region));
    }
    if is(last, "s3") || is(last, "s3-accelerate") || is(last, "s3-external-1") {
        return Some(("s3", ""));
    }
    if let Some(region) = strip(last, "s3-").filter(|r| is_region(r)) {
        return Some(("s3", region));
    }
    let service = match before {
        [.., s3, dual] if is(dual, "dualstack") => s3,
        [.., s3] => s3,
        [] => return None,
    };
    match service.to_ascii_lowercase().as_str() {
        "s3-accelerate" => Some(("s3", "")),
        "s3" | "s3-fips" | "s3-accesspoint" | "s3-accesspoint-fips" => Some(("s3", last)),
        "s3-website" => Some(("s3-website", last)),
        _ => None,
    }
}

/// The last label that has the form of a region.
fn find_region<'a>(labels: &[&'a str]) -> &'a str {
    labels.iter().rev().find(|l| is_region(l)).copied().unwrap_or("")
}

/// `us-east-1`, `ap-southeast-2`, `us-gov-west-1`
pub fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    (2..=3).contains(&words.len())
        && (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && words.iter().all(|w| w.len() >= 2 && w.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// This computer, or a network that nobody else sees.
fn is_local(host: &str) -> bool {
    if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        return match address {
            IpAddr::V4(a) => is_private(a),
            IpAddr::V6(a) => a == Ipv6Addr::LOCALHOST || a == Ipv6Addr::UNSPECIFIED || (a.segments()[0] & 0xfe00) == 0xfc00,
        };
    }
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "host.docker.internal"
        || host == "localhost.localstack.cloud"
        || host.ends_with(".localhost.localstack.cloud")
}

fn is_private(address: Ipv4Addr) -> bool {
    address.is_private() || address.is_loopback() || address.is_unspecified() || address.is_link_local()
}

/// A placeholder, or a name without a domain, which only some network knows.
fn is_unknown(host: &str) -> bool {
    !(host.contains('.') || host.contains(':')) || host.contains(['{', '}', '$', '(', ')', '*', '…']) || host.contains("..")
}

fn is(label: &str, word: &str) -> bool {
    label.eq_ignore_ascii_case(word)
}

fn strip<'a>(label: &'a str, prefix: &str) -> Option<&'a str> {
    label.get(..prefix.len()).filter(|start| is(start, prefix)).map(|_| &label[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, kind: &'static str, region: &str) {
        assert_eq!(classify(host), Place { kind, region: region.to_owned() }, "{host}");
    }

    #[test]
    fn hosts_are_known_by_their_names() {
        for (host, kind, region) in [
            ("abc123defg.execute-api.us-east-1.amazonaws.com", "execute-api", "us-east-1"),
            ("abc123defg.execute-api.US-EAST-1.amazonaws.com", "execute-api", "US-EAST-1"),
            ("abc123defg.execute-api.cn-north-1.amazonaws.com.cn", "execute-api", "cn-north-1"),
            ("abc123defg.execute-api.REGION.amazonaws.com", "execute-api", "REGION"),
            ("{api-id}.execute-api.{region}.amazonaws.com", "execute-api", "{region}"),
            ("xxx.execute-api.us-east-1.AmazonAWS.com", "execute-api", "us-east-1"),
            ("abc123defg-vpce-0a1b.execute-api.eu-west-1.amazonaws.com", "vpc-endpoint", "eu-west-1"),
            ("vpce-0a1b-xyz.execute-api.eu-west-1.vpce.amazonaws.com", "vpc-endpoint", "eu-west-1"),
            ("execute-api.eu-west-1.vpce.amazonaws.com", "vpc-endpoint", "eu-west-1"),
            ("execute-api.eu-west-1.amazonaws.com", "aws", "eu-west-1"),
            ("myapp.auth.us-east-1.amazoncognito.com", "cognito", "us-east-1"),
            ("myapp.auth-fips.us-east-1.amazoncognito.com", "cognito", "us-east-1"),
            ("cognito-idp.us-east-1.amazonaws.com", "cognito", "us-east-1"),
            ("s3.amazonaws.com", "s3", ""),
            ("bucket.s3.amazonaws.com", "s3", ""),
            ("my.dotted.bucket.s3.us-west-2.amazonaws.com", "s3", "us-west-2"),
            ("s3-us-west-2.amazonaws.com", "s3", "us-west-2"),
            ("bucket.s3-us-west-2.amazonaws.com", "s3", "us-west-2"),
            ("bucket.s3.dualstack.us-west-2.amazonaws.com", "s3", "us-west-2"),
            ("bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com", "s3", "us-east-1"),
            ("bucket.s3-website-us-east-1.amazonaws.com", "s3-website", "us-east-1"),
            ("bucket.s3-website.eu-central-1.amazonaws.com", "s3-website", "eu-central-1"),
            ("abcdef.lambda-url.us-east-1.on.aws", "lambda-url", "us-east-1"),
            ("d111111abcdef8.cloudfront.net", "cloudfront", ""),
            ("lambda.us-east-1.amazonaws.com", "aws", "us-east-1"),
            ("sts.amazonaws.com", "aws", ""),
            ("my-lb-1.us-east-1.elb.amazonaws.com", "aws", "us-east-1"),
            ("localhost", "local", ""),
            ("127.0.0.1", "local", ""),
            ("192.168.1.4", "local", ""),
            ("[::1]", "local", ""),
            ("8.8.8.8", "other", ""),
            ("api.example.com", "other", ""),
            ("notamazonaws.com", "other", ""),
            ("{{host}}", "", ""),
            ("api", "", ""),
            ("...", "", ""),
            ("", "", ""),
        ] {
            check(host, kind, region);
        }
    }
}
