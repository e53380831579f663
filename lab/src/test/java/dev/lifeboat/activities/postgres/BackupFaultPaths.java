package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Base backups: to the bucket and back. */
final class BackupFaultPaths {

    private static final String MANIFEST = "/manifest.json";

    private final FaultWorld world;
    private final Map<String, byte[]> restored;

    BackupFaultPaths(FaultWorld world) throws Exception {
        this.world = world;
        Path reference = Files.createDirectory(world.folder.resolve("reference"));
        Restoring restoring = new Restoring(world.shared, reference);
        restoring.attempt();
        this.restored = content(restoring.workspace.copy());
    }

    List<FaultPath> all() {
        return List.of(
                path("base backup: chunks written", BackupFaultPaths::writesChunk, Taking::new),
                path(
                        "base backup: manifest written",
                        (method, path) -> method.equals("PUT") && path.endsWith(MANIFEST),
                        Taking::new),
                path("a large object in parts", (method, path) -> path.contains("/large"), LargeObject::new),
                path(
                        "restore: manifest read",
                        (method, path) -> method.equals("GET") && path.endsWith(MANIFEST),
                        ReadingManifest::new),
                path(
                        "restore: chunks read",
                        (method, path) -> method.equals("GET") && path.contains("/chunks/0"),
                        place -> new Restoring(place.shared(), place.folder())));
    }

    private static boolean writesChunk(String method, String path) {
        return method.equals("PUT") && path.contains("/chunks/");
    }

    interface Opening {
        FaultPath.Scene open(FaultPath.Place place) throws Exception;
    }

    static FaultPath path(String title, java.util.function.BiPredicate<String, String> concerns, Opening opening) {
        return new FaultPath() {
            @Override
            public String title() {
                return title;
            }

            @Override
            public boolean concerns(String method, String path) {
                return concerns.test(method, path);
            }

            @Override
            public Scene open(Place place) throws Exception {
                return opening.open(place);
            }
        };
    }

    private final class Taking implements FaultPath.Scene {
        private final FaultPath.Place place;

        Taking(FaultPath.Place place) {
            this.place = place;
        }

        @Override
        public boolean attempt() throws Exception {
            world.take(place.through(), "run");
            return true;
        }

        @Override
        public void requireIntact() throws Exception {
            BaseBackupCatalog catalog = world.access(place.direct()).backups();
            List<BaseBackupManifest> found = catalog.manifests(world.backup.systemId());
            assertThat(found).hasSize(1);
            assertThat(found.get(0).allChunks().size()).isGreaterThan(1);
            new BackupReadBack(catalog, found.get(0)).readBack(bytes -> {});
        }

        /** No manifest, no backup: what is in the catalogue can be restored. */
        @Override
        public void requireNothingWrong() {
            assertThat(place.direct().list("postgres/base/").stream().map(StoredObject::key))
                    .noneMatch(key -> key.endsWith(MANIFEST));
        }
    }

    private static final class LargeObject implements FaultPath.Scene {
        private static final byte[] CONTENT = new byte[17 << 20];

        static {
            new Random(7).nextBytes(CONTENT);
        }

        private final FaultPath.Place place;

        LargeObject(FaultPath.Place place) {
            this.place = place;
        }

        @Override
        public boolean attempt() throws Exception {
            try (Upload upload = place.through().upload("large")) {
                upload.write(CONTENT);
                upload.complete();
            }
            return true;
        }

        @Override
        public void requireIntact() {
            assertThat(Arrays.equals(place.direct().readAll("large"), CONTENT)).isTrue();
        }

        @Override
        public void requireNothingWrong() {
            assertThat(place.direct().head("large")).isEmpty();
        }
    }

    private final class ReadingManifest implements FaultPath.Scene {
        private final FaultPath.Place place;
        private @Nullable BaseBackupManifest read;

        ReadingManifest(FaultPath.Place place) {
            this.place = place;
        }

        @Override
        public boolean attempt() {
            read = world.access(place.shared()).backups().read(world.backup.systemId(), world.backup.id());
            return true;
        }

        @Override
        public void requireIntact() {
            assertThat(read).isEqualTo(world.backup);
        }

        @Override
        public void requireNothingWrong() {
            assertThat(read).isNull();
        }
    }

    private final class Restoring implements FaultPath.Scene {
        private final ObjectStore store;
        private final RecoveryPlan plan;
        private final RecoveryWorkspace workspace;

        Restoring(ObjectStore store, Path folder) {
            this.store = store;
            this.plan = world.plan(folder);
            this.workspace = world.workspace(plan);
        }

        @Override
        public boolean attempt() throws Exception {
            new BaseBackupRestore(
                            plan,
                            workspace,
                            store,
                            world.backup,
                            new OutsideConfiguration(workspace, world.backup.outside(), null),
                            CopyWorld.NOBODY)
                    .run();
            return true;
        }

        @Override
        public void requireIntact() throws IOException {
            Map<String, byte[]> found = content(workspace.copy());
            assertThat(found.keySet()).isEqualTo(restored.keySet());
            found.forEach((name, bytes) -> assertThat(Arrays.equals(bytes, restored.get(name)))
                    .as(name)
                    .isTrue());
        }

        /** Half a data directory cannot be started. */
        @Override
        public void requireNothingWrong() {
            assertThat(workspace.copy().resolve(BaseBackupManifest.CONTROL_FILE))
                    .doesNotExist();
            assertThat(workspace.has("restored")).isFalse();
        }

        @Override
        public void close() throws IOException {
            FileTrees.delete(workspace.copy());
        }
    }

    private static Map<String, byte[]> content(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            Map<String, byte[]> found = new TreeMap<>();
            files.filter(Files::isRegularFile).forEach(file -> {
                try {
                    found.put(folder.relativize(file).toString(), Files.readAllBytes(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            return found;
        }
    }
}
