package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The files by which the worker tells the archive shim what is durable in the bucket. Each is bound to the cluster and
 * to the identity of the WAL file, since another data directory may take this one's place.
 */
record ArchiveNotes(LifeboatFolder folder, ServerUser user) {

    private static final String SHIM = "archive-wal.sh";

    /** Makes the folders and writes the shim; a second call brings an older shim up to date. */
    void install() throws IOException {
        FileTrees.makePrivate(folder.root(), user);
        FileTrees.makePrivate(folder.shims(), user);
        FileTrees.makePrivate(folder.archived(), user);
        Path shim = shim();
        if (isCurrent()) {
            return;
        }
        byte[] script = script();
        // One of its own: the archiver and a setup may be at it at once.
        Path fresh = Files.createTempFile(folder.shims(), SHIM, ".new");
        Files.write(fresh, script);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
        user.own(fresh);
        Files.move(fresh, shim, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Whether the shim is there, and the one of this version. */
    boolean isCurrent() throws IOException {
        return Files.exists(shim()) && Arrays.equals(Files.readAllBytes(shim()), script());
    }

    Path shim() {
        return folder.shims().resolve(SHIM);
    }

    /** What {@code archive_command} has to be. */
    String command() {
        return "/bin/sh '%s' '%%p' '%%f'".formatted(shim());
    }

    /** What the shim computes for a file: to be taken before its bytes are read. */
    static String identity(String systemId, Path file) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(file, "unix:ino,size");
        FileTime time = Files.getLastModifiedTime(file);
        return "%s %s %s %d"
                .formatted(systemId, attributes.get("ino"), attributes.get("size"), time.to(TimeUnit.SECONDS));
    }

    boolean has(String name, String identity) throws IOException {
        Path note = folder.archived().resolve(name);
        return Files.exists(note)
                && Files.readString(note, StandardCharsets.US_ASCII).equals(identity);
    }

    void write(String name, String identity) throws IOException {
        Path fresh = folder.archived().resolve("." + name + ".new");
        Files.writeString(fresh, identity, StandardCharsets.US_ASCII);
        user.own(fresh);
        Files.move(
                fresh,
                folder.archived().resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Removes the notes that PostgreSQL has seen: it no longer asks for these names. */
    void removeAllBut(Set<String> asked) throws IOException {
        List<Path> notes;
        try (Stream<Path> files = Files.list(folder.archived())) {
            notes = files.toList();
        }
        for (Path note : notes) {
            if (!asked.contains(note.getFileName().toString())) {
                Files.deleteIfExists(note);
            }
        }
    }

    /** The system identifier of a data directory, as the shim reads it. */
    static String systemId(Path dataDirectory) throws IOException {
        try (InputStream control = Files.newInputStream(dataDirectory.resolve("global/pg_control"))) {
            byte[] first = control.readNBytes(Long.BYTES);
            if (first.length < Long.BYTES) {
                throw new IOException("global/pg_control is too short");
            }
            return Long.toUnsignedString(
                    ByteBuffer.wrap(first).order(ByteOrder.nativeOrder()).getLong());
        }
    }

    private static byte[] script() throws IOException {
        try (InputStream script = ArchiveNotes.class.getResourceAsStream(SHIM)) {
            if (script == null) {
                throw new IOException("the archive shim is missing in this build");
            }
            return script.readAllBytes();
        }
    }
}
