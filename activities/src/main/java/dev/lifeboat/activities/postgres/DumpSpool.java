package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DumpBytes;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * A folder in which one dump lies decrypted, decompressed and checked, before any of it is given to {@code pg_restore}: that
 * needs a file to work in parallel, and not a byte of a damaged object may reach a database. What an attempt has put down
 * whole, the next one finds.
 *
 * @param folder of this dump alone, mode 0700
 */
record DumpSpool(Path folder, ServerUser user) {

    private static final long SPARE = 64L << 20;
    private static final Duration UNPACKING = Duration.ofHours(24);

    /**
     * @param path  a file, or the folder of a directory archive
     * @param size  of the plain archive
     * @param again whether it was found as an earlier attempt had put it down
     */
    record Spooled(Path path, DumpBytes bytes, long size, boolean again) {}

    /**
     * @param size of the plain archive
     * @param here of the file that was put down
     * @param boot of the host: what was not synced does not outlive it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Note(String identity, DumpBytes bytes, long size, long here, String boot) {}

    /**
     * Puts the dump down, or returns what lies here of it already. A file that needs no unpacking stays where it is.
     *
     * @throws RecoveryFailure BACKUP_DAMAGED where it is not what its manifest says, or ends too early; DUMP_UNUSABLE where it
     *     is no dump; TOO_LITTLE_SPACE
     */
    Spooled fetch(DumpSource source, Watch watch) throws IOException, InterruptedException {
        if (source instanceof DumpSource.OnDisk here) {
            Optional<Spooled> inPlace = inPlace(here);
            if (inPlace.isPresent()) {
                return inPlace.get();
            }
        }
        Optional<Spooled> earlier = earlier(source);
        if (earlier.isPresent()) {
            Transcript.note("finds it whole in %s, as an earlier attempt had put it down".formatted(folder));
            return earlier.get();
        }
        clear();
        FileTrees.makePrivate(folder, user);
        Note note;
        try (InputStream stored = new ReadAhead(source.open())) {
            DumpSniffer.Opened opened = DumpSniffer.open(stored, source.isEncrypted(), source.name());
            long size = write(opened, watch);
            // The digest of an object is that of all its bytes, those behind the last compressed one too.
            stored.transferTo(OutputStream.nullOutputStream());
            note = new Note(
                    source.identity(), opened.bytes(), size, Files.size(archive()), WorkspaceMarker.currentBoot());
        } catch (EOFException | StreamCorruptedException | ZipException | com.github.luben.zstd.ZstdIOException e) {
            throw damaged(source, e);
        }
        if (note.bytes().format() == Format.DIRECTORY) {
            unpack(source);
        }
        FileTrees.replace(noteFile(), new String(Json.write(note), StandardCharsets.UTF_8), user);
        return spooled(note, false);
    }

    /** What would be put down takes this much room on the disk of the folder. */
    static void requireRoom(Path folder, long bytes) throws IOException {
        Path there = folder;
        while (!Files.isDirectory(there) && there.getParent() != null) {
            there = there.getParent();
        }
        long free = Files.getFileStore(there).getUsableSpace();
        if (free < bytes + SPARE) {
            throw new RecoveryFailure(
                    FailureCode.TOO_LITTLE_SPACE,
                    "cannot put the dump down in %s: it needs %s, and %s are free"
                            .formatted(folder, Bytes.text(bytes), Bytes.text(free)),
                    "free space there, or name a folder on a larger disk as spool-directory in lifeboat.yaml");
        }
    }

    /** Everything that lies here. */
    void clear() throws IOException {
        FileTrees.delete(folder);
    }

    private static Optional<Spooled> inPlace(DumpSource.OnDisk source) throws IOException {
        Path file = source.file();
        if (Files.isDirectory(file)) {
            Path toc = file.resolve("toc.dat");
            if (!Files.isRegularFile(toc) || !DumpSniffer.isDirectoryToc(head(toc))) {
                throw DumpSniffer.unusable(
                        file.toString(),
                        "it is a folder, and has no toc.dat of a directory archive",
                        "name a folder that 'pg_dump -Fd' wrote, or a file");
            }
            return Optional.of(
                    new Spooled(file, new DumpBytes(Format.DIRECTORY, List.of(), false), DiskUse.of(file), false));
        }
        DumpBytes bytes = source.sniff();
        return bytes.layers().isEmpty() && bytes.format() != Format.DIRECTORY
                ? Optional.of(new Spooled(file, bytes, source.storedBytes(), false))
                : Optional.empty();
    }

    private static byte[] head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(64);
        }
    }

    private Optional<Spooled> earlier(DumpSource source) throws IOException {
        if (!Files.exists(noteFile())) {
            return Optional.empty();
        }
        Note note =
                Json.read(Files.readAllBytes(noteFile()), Note.class, noteFile().toString());
        boolean same = note.identity().equals(source.identity())
                && note.boot().equals(WorkspaceMarker.currentBoot())
                && (note.bytes().format() == Format.DIRECTORY
                        ? Files.exists(unpacked())
                        : Files.exists(archive()) && Files.size(archive()) == note.here());
        return same ? Optional.of(spooled(note, true)) : Optional.empty();
    }

    private Spooled spooled(Note note, boolean again) throws IOException {
        return new Spooled(
                note.bytes().format() == Format.DIRECTORY ? directory() : archive(), note.bytes(), note.size(), again);
    }

    private long write(DumpSniffer.Opened opened, Watch watch) throws IOException {
        Path part = folder.resolve("archive.part");
        Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        user.own(part);
        ArchiveBytes.Passing passing = bytes -> {
            watch.progress(new Progress("putting the dump down", bytes, 0, "bytes"));
            watch.check();
        };
        long size;
        try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
            size = opened.bytes().format() == Format.CUSTOM
                    ? new ArchiveCopy(opened.plain(), out, passing).run()
                    : copy(opened.plain(), out, passing);
        }
        Files.move(part, archive(), StandardCopyOption.ATOMIC_MOVE);
        return size;
    }

    private static long copy(InputStream plain, FileChannel out, ArchiveBytes.Passing passing) throws IOException {
        BlockWriter written = new BlockWriter(out, 0);
        ArchiveBytes archive = new ArchiveBytes(plain, passing);
        archive.rest(written);
        written.flush();
        return archive.passed();
    }

    /** A tar of the folder that {@code pg_dump -Fd} wrote. */
    private void unpack(DumpSource source) throws IOException {
        FileTrees.makePrivate(unpacked(), user);
        Commands.Result result = Commands.run(
                new ServerUser(null),
                List.of(
                        "tar",
                        "-x",
                        "--no-same-owner",
                        "-f",
                        archive().toString(),
                        "-C",
                        unpacked().toString()),
                Map.of(),
                UNPACKING);
        if (!result.succeeded()) {
            if (result.errors().contains("No space left on device")) {
                throw FileTrees.failed("unpack " + source.name(), new IOException("No space left on device"));
            }
            if (result.wasKilled()) {
                throw RestoreWords.ended("tar", result.exitCode(), List.of(), source.name());
            }
            throw damaged(source, new IOException(result.errors().strip()));
        }
        Path directory = directory();
        if (!DumpSniffer.isDirectoryToc(head(directory.resolve("toc.dat")))) {
            throw DumpSniffer.unusable(
                    source.name(),
                    "it is a tar, and its toc.dat is not that of a directory archive",
                    "give a tar of the folder that 'pg_dump -Fd' wrote");
        }
        Files.delete(archive());
    }

    /** The folder with the table of contents: that which was packed, or one in it. */
    private Path directory() throws IOException {
        try (var found = Files.find(unpacked(), 3, (path, attributes) -> path.endsWith("toc.dat"))) {
            return found.findFirst()
                    .map(Path::getParent)
                    .orElseThrow(() -> DumpSniffer.unusable(
                            "the tar in " + folder,
                            "it has no toc.dat, as every archive of pg_dump does",
                            "give a tar archive, or a tar of the folder that 'pg_dump -Fd' wrote"));
        }
    }

    static RecoveryFailure damaged(DumpSource source, IOException why) {
        return new RecoveryFailure(
                FailureCode.BACKUP_DAMAGED,
                "%s is damaged: %s".formatted(source.name(), why.getMessage()),
                "take another one; 'lifeboat backups' lists them. Nothing of it has reached a database",
                why);
    }

    private Path archive() {
        return folder.resolve("archive");
    }

    private Path unpacked() {
        return folder.resolve("unpacked");
    }

    private Path noteFile() {
        return folder.resolve("note.json");
    }
}
