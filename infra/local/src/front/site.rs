//! The web app's files, as CloudFront serves them from the bucket.
use std::{
    collections::HashMap,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::SystemTime,
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header},
};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};

/// CloudFront compresses files of these sizes.
const COMPRESSED: std::ops::RangeInclusive<usize> = 1_000..=10_000_000;

/// The folder that is deployed under `/app/`.
#[derive(Debug)]
pub struct Site {
    folder: PathBuf,
    /// A file is read and compressed once, and again only when it has changed.
    files: Mutex<HashMap<PathBuf, (SystemTime, Arc<File>)>>,
}

#[derive(Debug)]
struct File {
    bytes: Bytes,
    etag: HeaderValue,
    kind: &'static str,
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

impl Site {
    /// The files in `folder`, which need not exist yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, files: Mutex::default() }
    }

    /// A page as text, such as `index.html`.
    pub fn page(&self, name: &str) -> Option<String> {
        String::from_utf8(self.read(name)?.bytes.to_vec()).ok()
    }

    /// Answers a request for `/app` or something below.
    pub fn answer(&self, request: &Request<Body>) -> Response<Body> {
        let path = request.uri().path();
        if let "/app" | "/app/admin" | "/app/r" = path {
            // Telegram puts the start parameter into the query.
            let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
            return redirect(&format!("{path}/{query}"));
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            // As CloudFront answers to what is not among a behaviour's methods.
            return plain(StatusCode::FORBIDDEN, "Only GET and HEAD");
        }
        let name = match path {
            "/app/" | "/app/admin/" | "/app/r/" => format!("{path}index.html"),
            _ => path.to_owned(),
        };
        let Some(file) = name.strip_prefix("/app/").and_then(|name| self.read(name)) else {
            return plain(StatusCode::NOT_FOUND, "Not found");
        };
        let caching = if name.starts_with("/app/assets/") {
            // Their names change with their content.
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        file.answer(request.headers(), request.method() == Method::HEAD, caching)
    }

    fn read(&self, name: &str) -> Option<Arc<File>> {
        let name = percent_decode_str(name).decode_utf8().ok()?;
        let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']);
        if !name.split('/').all(is_plain) {
            return None;
        }
        let path = self.folder.join(&*name);
        let metadata = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
        let modified = metadata.modified().ok()?;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((read_at, file)) = files.get(&path)
            && *read_at == modified
            && file.bytes.len() as u64 == metadata.len()
        {
            return Some(file.clone());
        }
        let file = Arc::new(File::new(std::fs::read(&path).ok()?, content_type(&path)));
        files.insert(path, (modified, file.clone()));
        Some(file)
    }
}

impl File {
    fn new(bytes: Vec<u8>, kind: &'static str) -> Self {
        let hash = hex::encode(&Sha256::digest(&bytes)[..16]);
        let etag = HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        Self { bytes: bytes.into(), etag, kind, brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    fn answer(&self, request: &HeaderMap, is_head: bool, caching: &'static str) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        let accepts = |name: &str| {
            let list = request.get(header::ACCEPT_ENCODING).and_then(|list| list.to_str().ok()).unwrap_or_default();
            list.split(',').any(|item| item.split(';').next().unwrap_or_default().trim() == name)
        };
        let mut encoded = None;
        if is_compressible(self.kind) && COMPRESSED.contains(&self.bytes.len()) {
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
            if accepts("br") {
                encoded = self.brotli.get_or_init(|| brotli(&self.bytes)).clone().map(|bytes| ("br", bytes));
            } else if accepts("gzip") {
                encoded = self.gzip.get_or_init(|| gzip(&self.bytes)).clone().map(|bytes| ("gzip", bytes));
            }
        }
        // What was compressed on the way is only weakly the same file.
        let etag = match &encoded {
            Some(_) => HeaderValue::from_bytes(&[b"W/", self.etag.as_bytes()].concat()).unwrap_or(self.etag.clone()),
            None => self.etag.clone(),
        };
        headers.insert(header::ETAG, etag);
        let known = request.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok()).unwrap_or_default();
        if known.split(',').any(|known| known.trim().trim_start_matches("W/").as_bytes() == self.etag.as_bytes()) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        let bytes = match encoded {
            Some((name, bytes)) => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
                bytes
            }
            None => self.bytes.clone(),
        };
        if is_head {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        } else {
            *response.body_mut() = Body::from(bytes);
        }
        response
    }
}

fn brotli(bytes: &[u8]) -> Option<Bytes> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 9, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters).ok()?;
    Some(compressed.into())
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).ok()?;
    Some(encoder.finish().ok()?.into())
}

/// The type that the deployment gives a file by its name.
fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("avif") => "image/avif",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

fn is_compressible(kind: &str) -> bool {
    kind.starts_with("text/")
        || ["application/json", "application/manifest+json", "application/wasm", "image/svg+xml"].contains(&kind)
}

fn redirect(location: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// A short answer in plain text.
pub fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn site() -> (tempfile::TempDir, Site) {
        let folder = tempfile::tempdir().expect("a folder");
        let web = folder.path().join("dist");
        for inner in ["assets", "r"] {
            std::fs::create_dir_all(web.join(inner)).expect("a folder");
        }
        std::fs::write(web.join("index.html"), "<!doctype html>".repeat(100)).expect("written");
        std::fs::write(web.join("assets/app-1.js"), "export const a = 1;".repeat(100)).expect("written");
        std::fs::write(web.join("r/index.html"), "<!doctype html>").expect("written");
        std::fs::write(web.join("assets/small.js"), "1").expect("written");
        std::fs::write(folder.path().join("secret.txt"), "secret").expect("written");
        let site = Site::new(web);
        (folder, site)
    }

    fn get(site: &Site, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        site.answer(&request.body(Body::empty()).expect("a request"))
    }

    #[test]
    fn the_page_is_checked_each_time_and_assets_are_kept() {
        let (_folder, site) = site();
        let page = get(&site, "/app/", &[]);
        assert_eq!(
            (page.status().as_u16(), &page.headers()["cache-control"]),
            (200, &HeaderValue::from_static("no-cache"))
        );
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let shippers = get(&site, "/app/r/", &[]);
        assert_eq!(
            (shippers.status().as_u16(), &shippers.headers()["cache-control"]),
            (200, &HeaderValue::from_static("no-cache"))
        );
        let asset = get(&site, "/app/assets/app-1.js", &[]);
        assert_eq!(asset.headers()["cache-control"], "public, max-age=31536000, immutable");
    }

    #[tokio::test]
    async fn text_is_compressed_as_the_browser_likes() {
        let (_folder, site) = site();
        for (accepted, encoding) in [("gzip, deflate, br", Some("br")), ("gzip", Some("gzip")), ("identity", None)] {
            let answer = get(&site, "/app/assets/app-1.js", &[("accept-encoding", accepted)]);
            let found = answer.headers().get("content-encoding").map(|value| value.to_str().expect("text").to_owned());
            assert_eq!(found.as_deref(), encoding);
            let size = answer.into_body().collect().await.expect("a body").to_bytes().len();
            assert_eq!(size < 1_000, encoding.is_some(), "{accepted}: {size}");
        }
        let small = get(&site, "/app/assets/small.js", &[("accept-encoding", "br")]);
        assert!(!small.headers().contains_key("content-encoding"), "CloudFront leaves small files alone");
    }

    #[test]
    fn a_known_file_is_not_sent_again_until_it_changes() {
        let (folder, site) = site();
        let first = get(&site, "/app/", &[("accept-encoding", "br")]);
        let etag = first.headers()["etag"].to_str().expect("text").to_owned();
        assert_eq!(get(&site, "/app/", &[("if-none-match", &etag)]).status(), 304);
        std::fs::write(folder.path().join("dist/index.html"), "new").expect("written");
        assert_eq!(get(&site, "/app/", &[("if-none-match", &etag)]).status(), 200);
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let (_folder, site) = site();
        for path in [
            "/app/../secret.txt",
            "/app/%2e%2e/secret.txt",
            "/app/..%2fsecret.txt",
            "/app//etc/passwd",
            "/app/assets",
            "/app/none.js",
            "/app/.env",
            "/app/%00",
            "/application",
        ] {
            assert_eq!(get(&site, path, &[]).status(), 404, "{path}");
        }
    }

    #[test]
    fn a_folder_without_its_slash_redirects_and_keeps_the_query() {
        let (_folder, site) = site();
        for (path, location) in [("/app?startapp=cargo_1", "/app/?startapp=cargo_1"), ("/app/r", "/app/r/")] {
            let answer = get(&site, path, &[]);
            let found = (answer.status().as_u16(), answer.headers()["location"].to_str().expect("text"));
            assert_eq!(found, (302, location));
        }
    }
}
