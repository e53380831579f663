package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.DatabaseFactsReader.Begun;
import dev.lifeboat.activities.postgres.DumpManifest.Stored;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Dumps one database: the archive straight into the bucket, what it held counted beside it, and last the manifest. */
final class DumpTaker {

    private static final Logger log = LoggerFactory.getLogger(DumpTaker.class);

    /** So many of the newest are looked at for one of this run. */
    private static final int NEWEST = 3;

    private final ClusterAccess access;
    private final Fence fence;
    private final String database;
    private final Watch watch;

    DumpTaker(ClusterAccess access, Fence fence, String database, Watch watch) {
        this.access = access;
        this.fence = fence;
        this.database = database;
        this.watch = watch;
    }

    DumpManifest take() throws IOException, InterruptedException {
        Optional<DumpManifest> finished = finished();
        if (finished.isPresent()) {
            return finished.get();
        }
        access.leases().check(fence);
        clearUnfinished();
        try (DumpSnapshot snapshot = DumpSnapshot.open(access, database)) {
            return take(snapshot);
        }
    }

    private Optional<DumpManifest> finished() {
        List<String> ids = access.dumps().idsOf(database);
        return access.dumps().manifests(ids.subList(Math.max(0, ids.size() - NEWEST), ids.size())).stream()
                .filter(manifest -> manifest.runId().equals(fence.runId()))
                .findFirst();
    }

    private DumpManifest take(DumpSnapshot snapshot) throws IOException, InterruptedException {
        String id = freeId();
        Stored globals = globals(id, snapshot.failure());
        Stored archive;
        DatabaseFacts facts;
        // Sequences first: pg_dump then finds them where they stood, or further on.
        try (FactsBeside beside = new FactsBeside(begin(snapshot), snapshot.failure())) {
            archive = archive(id, snapshot, beside);
            facts = beside.await(watch);
        } catch (IOException | InterruptedException | RuntimeException e) {
            discard(globals);
            throw e;
        }
        requireStored(id, List.of(archive, globals));
        access.leases().check(fence);
        DumpManifest manifest = manifest(id, snapshot, archive, globals, facts);
        RestorePage.keep(access.store());
        access.store().put(BucketLayout.dumpManifest(access.cluster().name(), id), Json.write(manifest));
        log.info("dumped {} of {} as {}: {} bytes", database, access.cluster().name(), id, archive.bytes());
        return manifest;
    }

    /** The next attempt would do it; there may be none. */
    private void discard(Stored globals) {
        try {
            access.store().delete(globals.key());
        } catch (RecoveryFailure e) {
            Transcript.note("%s stays until the next dump: %s".formatted(globals.key(), e.getMessage()));
        }
    }

    private Begun begin(DumpSnapshot snapshot) {
        Watch quiet = new Watch() {
            @Override
            public void progress(Progress now) {}

            @Override
            public void check() {
                watch.check();
            }
        };
        try {
            return snapshot.facts(quiet).begin();
        } catch (SQLException e) {
            throw snapshot.failure().of(e);
        }
    }

    private Stored globals(String id, DumpFailure failure) throws IOException, InterruptedException {
        String key =
                access.data().keyFor(BucketLayout.dumpGlobals(access.cluster().name(), id));
        try (DumpProgram program = DumpProgram.globals(access, database, watch);
                DumpStream stream = new DumpStream(access.data(), key)) {
            stream.copy(program.output(), bytes -> watch.check());
            program.requireSuccess(failure, watch);
            return stream.complete();
        }
    }

    private Stored archive(String id, DumpSnapshot snapshot, FactsBeside beside)
            throws IOException, InterruptedException {
        String key = access.data().keyFor(BucketLayout.dump(access.cluster().name(), id));
        long expected = snapshot.description().bytes();
        Progress first = new Progress("dumping " + database, 0, expected, "bytes");
        watch.progress(first);
        try (DumpProgram program = DumpProgram.archive(access, database, snapshot.id(), watch);
                DumpStream stream = new DumpStream(access.data(), key)) {
            stream.copy(program.output(), bytes -> {
                watch.progress(new Progress(first.what(), bytes, Math.max(bytes, expected), first.unit()));
                watch.check();
                beside.failIfFailed();
            });
            program.requireSuccess(snapshot.failure(), watch);
            return stream.complete();
        }
    }

    private DumpManifest manifest(
            String id, DumpSnapshot snapshot, Stored archive, Stored globals, DatabaseFacts facts) {
        DumpSnapshot.Description description = snapshot.description();
        return new DumpManifest(
                DumpManifest.FORMAT,
                id,
                access.cluster().name(),
                database,
                description.systemId(),
                description.serverVersion(),
                snapshot.takenAt(),
                Instant.now().truncatedTo(ChronoUnit.MILLIS),
                archive.bytes(),
                archive.storedBytes() + globals.storedBytes(),
                description.owner(),
                description.encoding(),
                description.collation(),
                description.characterClass(),
                archive,
                globals,
                facts,
                fence.runId(),
                access.workerName(),
                Map.of("pg_dump", version("pg_dump"), "pg_dumpall", version("pg_dumpall")),
                snapshot.lsn(),
                null);
    }

    private String version(String program) {
        return Commands.require(
                        new ServerUser(null), access.program(program, "--version"), Map.of(), Duration.ofSeconds(10))
                .strip();
    }

    /** Another attempt may have cleared what it took for leftovers: only what is there may be called a dump. */
    private void requireStored(String id, List<Stored> objects) {
        for (Stored object : objects) {
            Optional<StoredObject> found = access.store().head(object.key());
            if (found.isEmpty() || found.get().size() != object.storedBytes()) {
                throw new RecoveryFailure(
                        FailureCode.BUSY_WITH_OTHER_ATTEMPT,
                        "dump %s has %d bytes in %s, the bucket holds %s"
                                .formatted(
                                        id,
                                        object.storedBytes(),
                                        access.store().addressOf(object.key()),
                                        found.map(StoredObject::size)
                                                .map(Object::toString)
                                                .orElse("none")),
                        "another attempt has cleared it; it is tried again");
            }
        }
    }

    /** Each attempt has a name of its own, so that none writes over what another one has finished. */
    private String freeId() {
        Instant second = Instant.now();
        while (access.store()
                .head(BucketLayout.dumpManifest(access.cluster().name(), DumpId.of(database, second)))
                .isPresent()) {
            second = second.plusSeconds(1);
        }
        return DumpId.of(database, second);
    }

    private void clearUnfinished() {
        String folder = BucketLayout.dumps(access.cluster().name());
        access.store().discardUploads(folder + DumpId.prefix(database));
        List<String> finished = access.dumps().idsOf(database);
        for (StoredObject object : access.store().list(folder + DumpId.prefix(database))) {
            Optional<String> id = DumpId.ofData(object.key().substring(folder.length()))
                    .filter(each -> DumpId.isOf(each, database) && !finished.contains(each));
            if (id.isPresent()) {
                Transcript.note("removes %s, which an unfinished dump left".formatted(object.key()));
                access.store().delete(object.key());
            }
        }
    }
}
