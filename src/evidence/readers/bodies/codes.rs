//! Which words are error codes.

/// Codes that do not end as codes usually do.
const NAMES: &[&str] = &[
    "AccessDenied",
    "AccountProblem",
    "AllAccessDisabled",
    "AuthFailure",
    "AuthorizationHeaderMalformed",
    "BadDigest",
    "BadRequest",
    "ExpiredToken",
    "Forbidden",
    "IllegalLocationConstraint",
    "IncompleteSignature",
    "InternalFailure",
    "InvalidAccessKeyId",
    "InvalidArgument",
    "InvalidBucketName",
    "InvalidClientTokenId",
    "InvalidDigest",
    "InvalidRequest",
    "InvalidSecurity",
    "InvalidSignature",
    "InvalidToken",
    "KMS.DisabledException",
    "MethodNotAllowed",
    "MissingAuthenticationToken",
    "MissingSecurityHeader",
    "NoSuchBucket",
    "NoSuchKey",
    "NotFound",
    "NotImplemented",
    "NotSignedUp",
    "OptInRequired",
    "PermanentRedirect",
    "PreconditionFailed",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "RequestTimeout",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "SlowDown",
    "TemporaryRedirect",
    "Throttling",
    "TokenRefreshRequired",
    "TooManyRequests",
    "Unauthorized",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
    "XAmzContentSHA256Mismatch",
];

/// The codes of OAuth 2.0 and of Cognito's own pages.
pub const OAUTH: &[&str] = &[
    "access_denied",
    "client_authentication_failed",
    "invalid_client",
    "invalid_grant",
    "invalid_redirect",
    "invalid_request",
    "invalid_scope",
    "invalid_token",
    "insufficient_scope",
    "login_required",
    "redirect_mismatch",
    "redirect_uri_mismatch",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
];

const ENDS: &[&str] = &["Exception", "Error", "Fault", "Mismatch", "Malformed", "Skewed", "NotFound", "NotAuthorized"];

/// Words that only wrap an error, or are words of a language and not of a service.
const WRAPPERS: &[&str] = &[
    "AssertionError",
    "AxiosError",
    "BotoCoreError",
    "ClientError",
    "ClientException",
    "ConnectionError",
    "EvalError",
    "FetchError",
    "HTTPError",
    "HttpError",
    "HttpErrorResponseException",
    "HttpResponseException",
    "MaxRetryError",
    "NetworkError",
    "OSError",
    "RangeError",
    "ReferenceError",
    "RequestException",
    "RuntimeError",
    "RuntimeException",
    "SdkClientException",
    "SdkException",
    "ServerException",
    "SyntaxError",
    "TypeError",
    "URLError",
    "ValueError",
    "WebException",
    "AmazonServiceException",
    "AmazonClientException",
    "SdkServiceException",
    "AwsServiceException",
];

/// Tells whether a word has the shape of a service's error code.
pub fn is_code(word: &str) -> bool {
    (4..=80).contains(&word.len()) && (is_named(word) || OAUTH.contains(&word))
}

fn is_named(word: &str) -> bool {
    if NAMES.contains(&word) {
        return true;
    }
    let shaped = word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.trim_start_matches("Runtime.").bytes().all(|b| b.is_ascii_alphanumeric());
    shaped && !WRAPPERS.contains(&word) && ENDS.iter().any(|end| word.len() > end.len() + 2 && word.ends_with(end))
}

/// Tells whether a code is about who calls, whatever is called.
pub fn is_of_caller(code: &str) -> bool {
    let caller =
        ["Signature", "ClientTokenId", "UnrecognizedClient", "ExpiredToken", "RequestExpired", "MissingAuthenticationToken"];
    caller.iter().any(|part| code.contains(part))
}

/// Tells whether a word can be read as a code at a place where a code is expected.
pub fn can_be_code(word: &str) -> bool {
    (2..=80).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(&b))
}

/// The code itself: `com.amazonaws.x#Code` and `Code:http://…` name more than the code.
pub fn strip(word: &str) -> &str {
    let word = word.trim();
    let word = word.rsplit_once('#').map_or(word, |(_, code)| code);
    word.split_once(':').map_or(word, |(code, _)| code)
}
