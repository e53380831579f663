package dev.lifeboat.config;

import dev.lifeboat.config.LifeboatConfig.Bucket;
import dev.lifeboat.config.LifeboatConfig.Encryption;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code bucket:}. */
final class BucketSection {

    private static final Pattern S3 =
            Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/((?:[^/?#@\\s]+/)*[^/?#@\\s]*))?");

    private BucketSection() {}

    static Bucket read(Section section) {
        section.allows(List.of("url", "endpoint", "region", "access-key", "secret-key", "encryption"), List.of());
        String url = section.required("url");
        Matcher matcher = S3.matcher(url);
        if (!url.isEmpty() && !matcher.matches()) {
            section.problem("url", "must be s3://BUCKET/ or s3://BUCKET/PREFIX/, with a lower-case bucket name");
        }
        if (section.has("access-key") != section.has("secret-key")) {
            section.problem(
                    section.has("access-key") ? "access-key" : "secret-key",
                    "needs its other half: access-key and secret-key go together, or are both left out");
        }
        return new Bucket(
                matcher.matches() ? matcher.group(1) : "",
                matcher.matches() ? withoutSlash(matcher.group(2)) : "",
                endpoint(section),
                section.text("region", "us-east-1"),
                section.secret("access-key"),
                section.secret("secret-key"),
                section.section("encryption").map(BucketSection::encryption).orElse(null));
    }

    private static Encryption encryption(Section section) {
        section.allows(List.of("recipients", "identity"), List.of());
        List<Path> recipients = section.files("recipients");
        boolean readsOnly = section.has("recipients") && section.has("identity");
        if (recipients.isEmpty() && !readsOnly) {
            section.problem(
                    "recipients",
                    "must name at least one file with a public key, or nobody could ever read; an empty list beside an identity only decrypts what is there");
        }
        return new Encryption(recipients, section.secret("identity"));
    }

    private static String withoutSlash(@Nullable String prefix) {
        if (prefix == null) {
            return "";
        }
        return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }

    private static @Nullable String endpoint(Section section) {
        String endpoint = section.optional("endpoint");
        if (endpoint == null || endpoint.isEmpty()) {
            return null;
        }
        if (!isPlainHttp(endpoint)) {
            section.problem("endpoint", "must be http://HOST:PORT or https://HOST:PORT, without user or password");
        }
        return endpoint;
    }

    private static boolean isPlainHttp(String endpoint) {
        try {
            URI uri = new URI(endpoint);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && (uri.getPort() == -1 || ConfigReader.isPort(uri.getPort()))
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
