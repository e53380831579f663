package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.ZstdIOException;
import dev.lifeboat.activities.postgres.DumpManifest.Stored;
import dev.lifeboat.activities.store.DataKeys;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

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

    /**
     * A host that has only public keys compares what is stored, and does not open it.
     *
     * @throws RecoveryFailure BACKUP_DAMAGED naming the object; of an encrypted one what {@link DataObjects} says of it
     */
    List<Check> checks() throws IOException, InterruptedException {
        if (isSealed()) {
            return checksOfWhatIsSealed();
        }
        ArchiveContents contents = archive();
        String globals = globals();
        DatabaseFacts facts = dump.facts();
        List<String> missing = contents.missing(facts);
        return List.of(
                readBack(dump.archive().bytes(), dump.globals().bytes()),
                Check.of(
                        contentsName(),
                        wanted(facts),
                        missing.isEmpty()
                                ? "all of them in %s".formatted(ReportWords.count(contents.size(), "entry", "entries"))
                                : "%d missing, the first: %s".formatted(missing.size(), missing.get(0)),
                        missing.isEmpty()),
                Check.of(globalsName(), WHOLE, lastLine(globals), globals.contains(WHOLE)));
    }

    private boolean isSealed() {
        boolean encrypted =
                Stream.of(dump.archive(), dump.globals()).map(Stored::key).anyMatch(DataObjects::isEncrypted);
        return encrypted
                && access.store().encryption().flatMap(DataKeys::identity).isEmpty();
    }

    private List<Check> checksOfWhatIsSealed() throws IOException, InterruptedException {
        String unopened = "not looked at: this host has only public keys";
        compare(dump.archive());
        compare(dump.globals());
        return List.of(
                readBack(dump.archive().storedBytes(), dump.globals().storedBytes()),
                new Check(contentsName(), wanted(dump.facts()), unopened, Verdict.NOT_MEASURED),
                new Check(globalsName(), WHOLE, unopened, Verdict.NOT_MEASURED));
    }

    private void compare(Stored object) throws IOException, InterruptedException {
        read(object, () -> {
            AtomicLong done = new AtomicLong();
            Uploaded found = access.data().readBack(object.key(), bytes -> {
                watch.progress(new Progress(
                        "reading back " + dump.database(), done.addAndGet(bytes), object.storedBytes(), "bytes"));
                watch.check();
            });
            if (found.size() != object.storedBytes() || !found.sha256().equals(object.sha256())) {
                throw damaged(
                        object,
                        "%d bytes with SHA-256 %s are stored, and its manifest says %d and %s"
                                .formatted(found.size(), found.sha256(), object.storedBytes(), object.sha256()),
                        new IOException("digest"));
            }
            return found;
        });
    }

    private Check readBack(long archive, long globals) {
        String digests =
                "%s and %s with the SHA-256 of the manifest".formatted(Bytes.text(archive), Bytes.text(globals));
        return Check.of(dump.database() + ": archive and globals read back", digests, digests, true);
    }

    private String contentsName() {
        return dump.database() + ": table of contents";
    }

    private String globalsName() {
        return dump.database() + ": globals";
    }

    private static String wanted(DatabaseFacts facts) {
        return "%s, %s, %s"
                .formatted(
                        ReportWords.count(facts.tables().size(), "table", "tables"),
                        ReportWords.count(facts.sequences().size(), "sequence", "sequences"),
                        ReportWords.count(facts.extensions().size(), "extension", "extensions"));
    }

    private static String lastLine(String text) {
        return text.contains(WHOLE) ? WHOLE : text.lines().reduce("nothing", (earlier, later) -> later);
    }

    private interface Reading<T> {
        T read() throws IOException, InterruptedException;
    }

    private interface Plain<T> {
        T of(InputStream plain) throws IOException, InterruptedException;
    }

    private <T> T open(Stored object, Plain<T> look) throws IOException, InterruptedException {
        return read(object, () -> {
            try (InputStream stored = access.data().read(object.key(), object.sha256());
                    InputStream plain = Zstandard.decompressing(stored)) {
                return look.of(plain);
            }
        });
    }

    /** Bytes may be changed on their way only: what looks damaged is read again before it is called so. */
    private <T> T read(Stored object, Reading<T> reading) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return reading.read();
            } catch (ZstdIOException e) {
                if (attempt == READINGS) {
                    throw damaged(object, "it cannot be unpacked: " + e.getMessage(), e);
                }
            } catch (RecoveryFailure e) {
                if (e.code() == FailureCode.OBJECT_MISSING) {
                    throw damaged(object, "the store has no such object", e);
                }
                boolean looksDamaged = e.code() == FailureCode.BACKUP_DAMAGED || DataObjects.isDamage(e);
                if (!looksDamaged || attempt == READINGS) {
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
        return open(dump.archive(), plain -> {
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
        return open(dump.globals(), plain -> {
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
