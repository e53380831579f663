package dev.lifeboat.activities.objectstore;

/** So that a browser that opens an object of the bucket shows it. */
final class ContentTypes {

    private ContentTypes() {}

    static String of(String key) {
        if (key.endsWith(".json")) {
            return "application/json";
        }
        if (key.endsWith(".html")) {
            return "text/html; charset=utf-8";
        }
        if (key.endsWith(".md") || key.endsWith(".log") || key.endsWith("/SHA256SUMS")) {
            return "text/plain; charset=utf-8";
        }
        if (key.endsWith(".zst")) {
            return "application/zstd";
        }
        return "application/octet-stream";
    }
}
