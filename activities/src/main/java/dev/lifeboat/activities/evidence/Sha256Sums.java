package dev.lifeboat.activities.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lifeboat.activities.store.BucketLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;

/** The file that {@code sha256sum -c} reads. */
final class Sha256Sums {

    static final String NAME = BucketLayout.EVIDENCE_SUMS;

    private Sha256Sums() {}

    static byte[] of(SortedMap<String, byte[]> files) {
        StringBuilder lines = new StringBuilder();
        files.forEach((name, content) ->
                lines.append(hex(content)).append("  ").append(name).append('\n'));
        return lines.toString().getBytes(UTF_8);
    }

    static String hex(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
