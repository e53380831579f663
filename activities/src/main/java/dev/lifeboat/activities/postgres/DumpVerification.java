package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.ZstdIOException;
import dev.lifeboat.activities.postgres.DumpManifest.Stored;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads a dump back from the bucket, as a restore would, and looks at what its archive has in it. */
final class DumpVerification {

    private static final int READINGS = 3;
    private static final int PIECE = 256 << 10;
    private static final int TAIL = 4 << 10;

    /** With which {@code pg_dumpall} ends what it wrote to its end. */
    private static final String WHOLE = "-- PostgreSQL database cluster dump complete";

    private final ClusterAccess access;
    private final DumpManifest dump;
    private final Watch watch;

    DumpVerification(ClusterAccess access, DumpManifest dump, Watch watch) {
        this.access = access;
        this.dump = dump;
        this.watch = watch;
    }

    /** @throws RecoveryFailure BACKUP_DAMAGED naming the object */
    List<Check> checks() throws IOException, InterruptedException {
        ArchiveContents contents = archive();
        String globals = globals();
        DatabaseFacts facts = dump.facts();
        List<String> missing = contents.missing(facts);
        String wanted = "%s, %s, %s"
                .formatted(
                        ReportWords.count(facts.tables().size(), "table", "tables"),
                        ReportWords.count(facts.sequences().size(), "sequence", "sequences"),
                        ReportWords.count(facts.extensions().size(), "extension", "extensions"));
        String digests = "%s and %s with the SHA-256 of the manifest"
                .formatted(
                        Bytes.text(dump.archive().bytes()),
                        Bytes.text(dump.globals().bytes()));
        return List.of(
                Check.of(dump.database() + ": archive and globals read back", digests, digests, true),
                Check.of(
                        dump.database() + ": table of contents",
                        wanted,
                        missing.isEmpty()
                                ? "all of them in %s".formatted(ReportWords.count(contents.size(), "entry", "entries"))
                                : "%d missing, the first: %s".formatted(missing.size(), missing.get(0)),
                        missing.isEmpty()),
                Check.of(dump.database() + ": globals", WHOLE, lastLine(globals), globals.contains(WHOLE)));
    }

    private static String lastLine(String text) {
        return text.contains(WHOLE) ? WHOLE : text.lines().reduce("nothing", (earlier, later) -> later);
    }

    private interface Reading<T> {
        T of(InputStream plain) throws IOException, InterruptedException;
    }

    /** Bytes may be changed on their way only: what looks damaged is read again before it is called so. */
    private <T> T read(Stored object, Reading<T> reading) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try (InputStream stored = access.data().read(object.key(), object.sha256());
                    InputStream plain = Zstandard.decompressing(stored)) {
                return reading.of(plain);
            } catch (ZstdIOException e) {
                if (attempt == READINGS) {
                    throw damaged(object, "it cannot be unpacked: " + e.getMessage(), e);
                }
            } catch (RecoveryFailure e) {
                if (e.code() == FailureCode.OBJECT_MISSING) {
                    throw damaged(object, "the store has no such object", e);
                }
                if (e.code() != FailureCode.BACKUP_DAMAGED || attempt == READINGS) {
                    throw e;
                }
            }
            Transcript.note("%s looks damaged; it is read again".formatted(object.key()));
            watch.check();
        }
    }

    private RecoveryFailure damaged(Stored object, String why, Throwable cause) {
        return new RecoveryFailure(
                FailureCode.BACKUP_DAMAGED,
                "dump %s is damaged: %s: %s".formatted(dump.id(), access.store().addressOf(object.key()), why),
                "take a new one with 'lifeboat start daily-dump --cluster %s --database %s'"
                        .formatted(dump.cluster(), dump.database()),
                cause);
    }

    private ArchiveContents archive() throws IOException, InterruptedException {
        return read(dump.archive(), plain -> {
            try (ListProgram list = new ListProgram(access, watch)) {
                long bytes = pass(plain, list);
                if (bytes != dump.archive().bytes()) {
                    throw damaged(
                            dump.archive(),
                            "it holds %d bytes, and its manifest says %d"
                                    .formatted(bytes, dump.archive().bytes()),
                            new IOException("size"));
                }
                return ArchiveContents.of(list.result(ArchiveContents.charset(dump.encoding())));
            }
        });
    }

    /** To the end, so that the digest is that of the whole object, though the list is at its beginning. */
    private long pass(InputStream plain, ListProgram list) throws IOException {
        byte[] piece = new byte[PIECE];
        long bytes = 0;
        for (int count = plain.read(piece); count >= 0; count = plain.read(piece)) {
            list.offer(piece, count);
            bytes += count;
            watch.progress(new Progress(
                    "reading back " + dump.database(), bytes, dump.archive().bytes(), "bytes"));
            watch.check();
        }
        return bytes;
    }

    private String globals() throws IOException, InterruptedException {
        return read(dump.globals(), plain -> {
            ByteArrayOutputStream end = new ByteArrayOutputStream();
            byte[] piece = new byte[PIECE];
            for (int count = plain.read(piece); count >= 0; count = plain.read(piece)) {
                if (end.size() > TAIL) {
                    byte[] kept = end.toByteArray();
                    end.reset();
                    end.write(kept, kept.length - TAIL, TAIL);
                }
                end.write(piece, 0, count);
                watch.check();
            }
            return end.toString(StandardCharsets.UTF_8);
        });
    }
}
