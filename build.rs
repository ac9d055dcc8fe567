//! Puts the shipped content and the static files into the program: content as text, static files with a name that changes
//! with their content, and already compressed.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=migrations");
    write_content(&root.join("content"), &out.join("shipped.rs"));
    write_assets(&root.join("static"), &out);
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut items: Vec<_> = fs::read_dir(folder).expect("the folder is part of the source").flatten().map(|i| i.path()).collect();
    items.sort();
    for item in items {
        if item.is_dir() {
            list(&item, files);
        } else {
            println!("cargo::rerun-if-changed={}", item.display());
            files.push(item);
        }
    }
}

fn write_content(folder: &Path, to: &Path) {
    let mut files = Vec::new();
    list(folder, &mut files);
    let mut code = String::from("/// The shipped pack: path and text.\nstatic SHIPPED: &[(&str, &str)] = &[\n");
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "md")) {
        let path = file.strip_prefix(folder).expect("it was found below").to_string_lossy().replace('\\', "/");
        writeln!(code, "    ({path:?}, include_str!({file:?})),").expect("a string takes all");
    }
    code.push_str("];\n");
    fs::write(to, code).expect("the build folder can be written");
}

fn write_assets(folder: &Path, out: &Path) {
    let mut files = Vec::new();
    list(folder, &mut files);
    let mut code = String::from(
        "/// The static files, each under a name that changes with its content.\npub static ASSETS: &[Asset] = &[\n",
    );
    for file in files {
        let bytes = fs::read(&file).expect("the file was listed");
        let name = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let (stem, extension) = name.rsplit_once('.').expect("static files have an extension");
        let digest: String = Sha256::digest(&bytes).iter().take(6).map(|b| format!("{b:02x}")).collect();
        let kind = match extension {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "woff2" => "font/woff2",
            "txt" => "text/plain; charset=utf-8",
            other => panic!("no content type is known for .{other}: add it to build.rs"),
        };
        let [gz, br] = [format!("{name}.gz"), format!("{name}.br")].map(|n| out.join(n));
        fs::write(&gz, gzip(&bytes)).expect("the build folder can be written");
        fs::write(&br, brotli(&bytes)).expect("the build folder can be written");
        writeln!(
            code,
            "    Asset {{ name: {name:?}, url: \"/static/{stem}.{digest}.{extension}\", kind: {kind:?}, plain: include_bytes!({file:?}), gzip: include_bytes!({gz:?}), brotli: include_bytes!({br:?}) }},"
        )
        .expect("a string takes all");
    }
    code.push_str("];\n");
    fs::write(out.join("assets.rs"), code).expect("the build folder can be written");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let options = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &options).expect("memory takes all");
    out
}
