# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY .sqlx .sqlx
COPY src src
COPY templates templates
COPY content content
COPY migrations migrations
COPY static static
COPY benches benches
RUN CARGO_PROFILE_RELEASE_LTO=thin cargo build --release --locked --bin fixpath

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin fixpath \
    && install -d -o fixpath -g fixpath /data
COPY --from=build /src/target/release/fixpath /usr/local/bin/fixpath
USER fixpath
VOLUME /data
EXPOSE 8080
# Inside the container every address is beyond loopback. Open means that everybody who reaches the published port may read; whoever
# writes or says that a fix helped needs an account. The link that makes the first administrator is in `docker logs`. With
# FIXPATH_OPEN=false reading needs an account, too.
ENV FIXPATH_LISTEN=0.0.0.0:8080 FIXPATH_DATA=/data FIXPATH_OPEN=true
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s CMD ["/usr/local/bin/fixpath", "health"]
ENTRYPOINT ["/usr/local/bin/fixpath"]
CMD ["serve"]
