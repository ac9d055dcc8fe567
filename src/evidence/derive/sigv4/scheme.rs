//! The parts of a signature, from a header or a query, as far as they are there. Start at [`find_signature`].

use super::super::super::wire::{Request, Shown, Signer, find_header};
use super::super::fields::{self, Field};
use super::super::request::find_host;

/// A signature as it was written; what is missing is empty.
#[derive(Default)]
pub struct Signature {
    pub presigned: bool,
    /// It is not there yet: the client of a command is going to make it.
    pub planned: bool,
    /// `AWS4-HMAC-SHA256`
    pub algorithm: String,
    pub key_id: String,
    pub date: String,
    pub region: String,
    pub service: String,
    /// In lower case, in their order.
    pub signed_headers: Vec<String>,
    pub line: usize,
}

/// How many signed headers are looked at; services take far fewer.
const LIMIT: usize = 200;

/// The signature that a request carries, or that its client is going to make.
pub fn find_signature(request: &Request) -> Option<Signature> {
    from_header(request).or_else(|| from_query(request)).or_else(|| from_signer(request))
}

fn from_header(request: &Request) -> Option<Signature> {
    let header = find_header(&request.headers, "authorization")?;
    let value = header.value.trim();
    let algorithm = ["AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"].into_iter().find(|a| value.starts_with(a))?;
    let mut signature = Signature { algorithm: algorithm.to_owned(), line: header.line, ..Signature::default() };
    for part in value[algorithm.len()..].split([',', ' ', '\t']) {
        match part.split_once('=') {
            Some((name, scope)) if name.eq_ignore_ascii_case("credential") => signature.take_credential(scope),
            Some((name, list)) if name.eq_ignore_ascii_case("signedheaders") => signature.take_signed_headers(list),
            _ => {}
        }
    }
    Some(signature)
}

fn from_query(request: &Request) -> Option<Signature> {
    let query = fields::list_query(request);
    let find = |name: &str| find_any_case(&query, name);
    let algorithm = find("x-amz-algorithm");
    let mark = algorithm.or_else(|| find("x-amz-signature"))?;
    let mut signature = Signature { presigned: true, line: mark.line, ..Signature::default() };
    signature.algorithm = algorithm.map_or(String::new(), |a| a.value.clone());
    if let Some(scope) = find("x-amz-credential") {
        signature.take_credential(&scope.value);
    }
    if let Some(list) = find("x-amz-signedheaders") {
        signature.take_signed_headers(&list.value);
    }
    Some(signature)
}

fn from_signer(request: &Request) -> Option<Signature> {
    let Shown { value: Signer { region, service }, line } = request.signer.as_ref()?;
    let (region, service) = match (region.as_str(), service.as_str()) {
        // curl takes what it is not told from the labels of the host, whatever they are.
        (region, "") if request.client == "curl" => guess_like_curl(request, region),
        (region, service) => (region.to_owned(), service.to_owned()),
    };
    Some(Signature {
        algorithm: "AWS4-HMAC-SHA256".to_owned(),
        region,
        service,
        planned: true,
        line: *line,
        ..Signature::default()
    })
}

fn guess_like_curl(request: &Request, region: &str) -> (String, String) {
    let mut labels = find_host(request).map_or("", |(host, _)| host).split('.');
    let service = labels.next().unwrap_or("").to_owned();
    let region = if region.is_empty() { labels.next().unwrap_or("") } else { region };
    (region.to_owned(), service)
}

impl Signature {
    /// `KEY/DATE/REGION/SERVICE/aws4_request`, of which parts may be missing; SigV4A has no region.
    fn take_credential(&mut self, scope: &str) {
        let parts: Vec<&str> = scope.split('/').collect();
        self.key_id = parts[0].to_owned();
        let is_date = |text: &str| text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        self.date = parts.get(1).filter(|d| is_date(d)).copied().unwrap_or("").to_owned();
        if let [_, _, region, service, "aws4_request"] = parts[..] {
            (self.region, self.service) = (region.to_owned(), service.to_owned());
        } else if let [_, _, service, "aws4_request"] = parts[..]
            && self.algorithm.contains("ECDSA")
        {
            self.service = service.to_owned();
        }
    }

    fn take_signed_headers(&mut self, list: &str) {
        self.signed_headers = list.split(';').filter(|n| !n.is_empty()).take(LIMIT).map(str::to_ascii_lowercase).collect();
    }
}

/// Finds a parameter whatever the case of its name.
pub fn find_any_case<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().find(|f| f.name.eq_ignore_ascii_case(name))
}
