package dev.lifeboat.activities.objectstore;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * The digest that a small object carries with it, as metadata of the object: a manifest, a lease or an index has none in
 * any other place, and one changed byte of it can still be JSON. What a store's own checksums promise differs too much.
 */
final class WrittenWith {

    private static final String SHA256 = "sha256";

    private WrittenWith() {}

    static Map<String, String> metadata(byte[] content) {
        return Map.of(SHA256, digest(content));
    }

    /** Empty for what was written by other means. */
    static Optional<String> digestOf(Map<String, String> metadata) {
        return Optional.ofNullable(metadata.get(SHA256));
    }

    static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
