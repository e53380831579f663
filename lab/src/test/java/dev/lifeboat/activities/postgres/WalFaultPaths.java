package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** WAL: to the bucket, beside it the index, and back. */
final class WalFaultPaths {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** The archiver tries again after a longer pause than this. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Duration POLL = Duration.ofMillis(20);

    private final FaultWorld world;

    WalFaultPaths(FaultWorld world) {
        this.world = world;
    }

    List<FaultPath> all() {
        return List.of(
                BackupFaultPaths.path(
                        "WAL archived",
                        (method, path) -> path.contains("/wal/") && path.contains(".zst"),
                        place -> new Archiving(place, false)),
                BackupFaultPaths.path(
                        "index of WAL written",
                        (method, path) -> path.contains("/index/"),
                        place -> new Archiving(place, true)),
                BackupFaultPaths.path(
                        "replay: WAL read",
                        (method, path) -> method.equals("GET") && path.contains("/wal/") && path.contains(".zst"),
                        Feeding::new));
    }

    /** Two segments that PostgreSQL has finished, and the shim that it asks. */
    private final class Archiving implements FaultPath.Scene {
        private final FaultPath.Place place;
        private final ClusterAccess access;
        private final WalArchiver archiver;
        private final boolean untilIndexed;
        private boolean started;
        private boolean accepted;

        Archiving(FaultPath.Place place, boolean untilIndexed) throws IOException {
            this.place = place;
            this.access = world.finishedSegments(place.through(), place.folder());
            this.archiver = new WalArchiver(access);
            this.untilIndexed = untilIndexed;
        }

        @Override
        public boolean attempt() throws Exception {
            boolean first = !started;
            if (first) {
                started = true;
                archiver.start();
            }
            if (!accepted) {
                await().atMost(LIMIT).pollInterval(POLL).until(() -> isNoted() || first && hasFailed());
                if (!isNoted()) {
                    return false;
                }
                accept();
            }
            if (!untilIndexed) {
                return true;
            }
            // That the index is in the bucket nobody says; as long as it is not, nobody may rely on it.
            long patience = System.nanoTime() + PATIENCE.toNanos();
            await().atMost(LIMIT)
                    .pollInterval(POLL)
                    .until(() -> isIndexed() || first && archiver.owesIndex() && System.nanoTime() > patience);
            return isIndexed();
        }

        /** As PostgreSQL does: it asks the shim, and does not ask again. */
        private void accept() throws Exception {
            Path states = access.liveWal().resolve("archive_status");
            for (String segment : world.segments.keySet()) {
                assertThat(shimSays(segment)).isZero();
                Files.move(states.resolve(segment + ".ready"), states.resolve(segment + ".done"));
            }
            accepted = true;
        }

        @Override
        public void requireIntact() throws Exception {
            WalArchive bucket = world.access(place.direct()).archive(world.backup.systemId());
            for (Map.Entry<String, byte[]> segment : world.segments.entrySet()) {
                assertThat(bucket.read(segment.getKey()).orElseThrow()).isEqualTo(segment.getValue());
            }
            assertThat(accepted).isTrue();
            if (untilIndexed) {
                assertThat(index()).containsOnlyKeys(world.segments.keySet());
                assertThat(Objects.requireNonNull(index().get(world.segments.lastKey()))
                                .complete())
                        .isTrue();
            }
        }

        /** A yes to PostgreSQL is for ever: it removes the segment. */
        @Override
        public void requireNothingWrong() throws IOException {
            WalArchive bucket = world.access(place.direct()).archive(world.backup.systemId());
            for (Map.Entry<String, byte[]> segment : world.segments.entrySet()) {
                if (accepted || Files.exists(note(segment.getKey()))) {
                    assertThat(bucket.read(segment.getKey()).orElseThrow()).isEqualTo(segment.getValue());
                }
            }
        }

        @Override
        public void close() {
            archiver.close();
        }

        private boolean isNoted() {
            return world.segments.keySet().stream().allMatch(name -> Files.exists(note(name)));
        }

        private boolean hasFailed() {
            return archiver.status().lastError() != null;
        }

        private Path note(String segment) {
            return access.folder().archived().resolve(segment);
        }

        private boolean isIndexed() {
            return index().keySet().containsAll(world.segments.keySet());
        }

        private Map<String, SegmentSummary> index() {
            return WalIndex.read(
                    world.access(place.direct()).archive(world.backup.systemId()),
                    WalIndex.nameFor(world.segments.firstKey()));
        }

        private int shimSays(String segment) throws Exception {
            Process shim = new ProcessBuilder(
                            "sh",
                            new ArchiveNotes(access.folder(), access.user())
                                    .shim()
                                    .toString(),
                            "pg_wal/" + segment,
                            segment)
                    .directory(access.cluster().dataDirectory().toFile())
                    .inheritIO()
                    .start();
            return shim.waitFor();
        }
    }

    /** The copy's server asks for the segments of its plan, and for a history file that it could do without. */
    private final class Feeding implements FaultPath.Scene {
        private static final String REQUEST = "request 1";

        private final FaultPath.Place place;
        private final RecoveryPlan plan;
        private final RecoveryWorkspace workspace;

        Feeding(FaultPath.Place place) {
            this.place = place;
            this.plan = world.plan(place.folder());
            this.workspace = world.workspace(plan);
        }

        @Override
        public boolean attempt() throws Exception {
            WalArchive archive = new WalArchive(place.shared(), plan.cluster(), plan.systemId());
            NeededWal needed = new NeededWal(plan, world.backup.walSegmentSize());
            for (String name : wanted()) {
                Files.writeString(workspace.want().resolve(name), REQUEST);
            }
            try (WalFeeder feeder = new WalFeeder(
                    workspace, needed, (name, into) -> archive.fetch(name, into).isPresent(), needed.first())) {
                feeder.start(2);
                await().atMost(LIMIT)
                        .pollInterval(POLL)
                        .until(() -> isFed()
                                || feeder.fatal().isPresent()
                                || feeder.away().isPresent());
                RecoveryFailure fatal = feeder.fatal().orElse(null);
                if (fatal != null) {
                    // The server is told to stop; without an answer it would wait, which is as safe.
                    throw fatal;
                }
                return isFed();
            }
        }

        @Override
        public void requireIntact() throws IOException {
            for (Map.Entry<String, byte[]> segment : world.segments.entrySet()) {
                assertThat(workspace.wal().resolve(segment.getKey())).hasBinaryContent(segment.getValue());
            }
            assertThat(workspace.wal().resolve(FaultWorld.HISTORY)).content().contains("no recovery target specified");
            requireNothingWrong();
        }

        /** PostgreSQL takes "it is not there" for the end of the archive. */
        @Override
        public void requireNothingWrong() throws IOException {
            for (String name : wanted()) {
                Path answer = workspace.absent().resolve(name);
                assertThat(!Files.exists(answer) || Files.readString(answer).equals(RestoreShim.STOP))
                        .as("%s was called absent", name)
                        .isTrue();
                Path segment = workspace.wal().resolve(name);
                byte[] right = world.segments.get(name);
                if (right != null && Files.exists(segment)) {
                    assertThat(segment).hasBinaryContent(right);
                }
            }
        }

        private boolean isFed() {
            return wanted().stream()
                    .allMatch(name -> Files.exists(workspace.wal().resolve(name)));
        }

        private List<String> wanted() {
            return List.of(world.segments.firstKey(), world.segments.lastKey(), FaultWorld.HISTORY);
        }
    }
}
