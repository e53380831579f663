package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Dumps: to the bucket, and read back from it. */
final class DumpFaultPaths {

    private static final String MANIFEST = ".manifest.json";

    private final FaultWorld world;

    DumpFaultPaths(FaultWorld world) {
        this.world = world;
    }

    List<FaultPath> all() {
        return List.of(
                written("dump: archive written", path -> path.contains(".dump.zst")),
                written("dump: globals written", path -> path.contains(".globals.sql.zst")),
                written("dump: manifest written", path -> path.contains("/daily/") && path.endsWith(MANIFEST)),
                BackupFaultPaths.path(
                        "dump: read back",
                        (method, path) -> method.equals("GET")
                                && (path.contains(".dump.zst") || path.contains(".globals.sql.zst")),
                        ReadingBack::new));
    }

    private FaultPath written(String title, Predicate<String> object) {
        return BackupFaultPaths.path(
                title, (method, path) -> method.equals("PUT") && object.test(path), DumpTaking::new);
    }

    private List<Check> readBack(ObjectStore store, DumpManifest dump) throws IOException, InterruptedException {
        return new DumpVerification(world.access(store), dump, BackupWorld.NOBODY).checks();
    }

    private final class DumpTaking implements FaultPath.Scene {
        private final FaultPath.Place place;

        DumpTaking(FaultPath.Place place) {
            this.place = place;
        }

        @Override
        public boolean attempt() throws Exception {
            world.takeDump(place.through(), "run");
            return true;
        }

        @Override
        public void requireIntact() throws Exception {
            List<DumpManifest> found = world.access(place.direct()).dumps().manifests(unreadable -> {
                throw new AssertionError(unreadable);
            });
            assertThat(found).hasSize(1);
            assertThat(found.get(0).facts().tables())
                    .isEqualTo(world.dump.facts().tables());
            assertThat(readBack(place.direct(), found.get(0))).allMatch(check -> check.verdict() == Verdict.PASS);
            assertThat(place.direct().list(BucketLayout.dumps("main"))).hasSize(3);
        }

        /** No manifest, no dump. */
        @Override
        public void requireNothingWrong() {
            assertThat(place.direct().list(BucketLayout.dumps("main")).stream().map(StoredObject::key))
                    .noneMatch(key -> key.endsWith(MANIFEST));
        }
    }

    private final class ReadingBack implements FaultPath.Scene {
        private final FaultPath.Place place;
        private @Nullable List<Check> checks;

        ReadingBack(FaultPath.Place place) {
            this.place = place;
        }

        @Override
        public boolean attempt() throws Exception {
            checks = readBack(place.shared(), world.dump);
            return true;
        }

        @Override
        public void requireIntact() {
            assertThat(checks).hasSize(3).allMatch(check -> check.verdict() == Verdict.PASS);
        }

        @Override
        public void requireNothingWrong() {
            assertThat(checks).isNull();
        }
    }
}
