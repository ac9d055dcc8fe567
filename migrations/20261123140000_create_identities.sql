-- Who a person is elsewhere: at a provider of OpenID Connect, or for the proxy in front of the site. A person is found by this and
-- never by a name, so that nobody gets an account of this site by choosing a name elsewhere.
CREATE TABLE identity (
    -- The address of the provider, or "proxy".
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES person (id),
    -- What the forms of this person prove to know while no session has a secret. It lets nobody in.
    forms TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT;
