package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/** PostgreSQL's own {@code backup_manifest}: the plain size and checksum of every file of a base backup. */
record BackupManifestFile(Map<String, Sum> files) {

    /**
     * @param crc32c in the manifest's spelling; empty where the manifest holds no checksum of that kind
     */
    record Sum(long size, String crc32c) {
        static Sum of(long size, CRC32C crc) {
            // The server writes the four bytes as they lie in its memory, the lowest first.
            return new Sum(size, HexFormat.of().toHexDigits(Integer.reverseBytes((int) crc.getValue())));
        }

        boolean agreesWith(Sum other) {
            return size == other.size && (crc32c.isEmpty() || other.crc32c.isEmpty() || crc32c.equals(other.crc32c));
        }

        @Override
        public String toString() {
            return size + " bytes" + (crc32c.isEmpty() ? "" : ", CRC32C " + crc32c);
        }
    }

    static BackupManifestFile read(Path file) throws IOException {
        Map<String, Sum> files = new HashMap<>();
        for (JsonNode node : new ObjectMapper().readTree(file.toFile()).path("Files")) {
            boolean known = node.path("Checksum-Algorithm").asText().equals("CRC32C");
            files.put(
                    path(node),
                    new Sum(
                            node.path("Size").asLong(),
                            known ? node.path("Checksum").asText() : ""));
        }
        return new BackupManifestFile(Map.copyOf(files));
    }

    /** The listed files that none of these chunks holds, in order: a backup without them is not the one that was taken. */
    List<String> notAmong(List<Chunk> chunks) {
        Set<String> held = new HashSet<>();
        for (Chunk chunk : chunks) {
            String folder = chunk.tablespace().isEmpty() ? "" : "pg_tblspc/" + chunk.tablespace() + "/";
            chunk.files().forEach(file -> held.add(folder + file));
        }
        return files.keySet().stream()
                .filter(file -> !held.contains(file))
                .sorted()
                .toList();
    }

    /** What is wrong with this file, as a part of a sentence; empty for one that the manifest does not list. */
    Optional<String> disagreement(String path, Sum found) {
        Sum wanted = files.get(path);
        if (wanted == null || wanted.agreesWith(found)) {
            return Optional.empty();
        }
        return Optional.of("%s has %s where its manifest says %s".formatted(path, found, wanted));
    }

    private static String path(JsonNode node) {
        return node.hasNonNull("Path")
                ? node.path("Path").asText()
                : new String(HexFormat.of().parseHex(node.path("Encoded-Path").asText()), StandardCharsets.UTF_8);
    }
}
