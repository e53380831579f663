package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.TestKeys;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.postgres.KeyActivities.RewrapOrder;
import dev.lifeboat.workflows.contract.postgres.KeyActivities.RewrapPart;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyActivitiesImplTest {

    private static final int OBJECTS = 150;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair old;

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair fresh;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @BeforeEach
    void manyObjects() throws IOException {
        old = TestKeys.pair(folder, "old");
        fresh = TestKeys.pair(folder, "fresh");
        store.encryptWith(TestKeys.of(List.of(old), old));
        for (int i = 0; i < OBJECTS; i++) {
            upload(BucketLayout.chunk("main", "42", "20260822T013000Z", i + 1));
        }
        upload(BucketLayout.walFile("main", "42", "000000010000000000000003"));
        upload(BucketLayout.dump("main", "shop"));
        upload(BucketLayout.dump("other", "shop"));
        store.put(BucketLayout.dump("main", "plain"), new byte[10]);
    }

    @Test
    void aPartSaysBehindWhichObjectToGoOn() {
        int parts = 0;
        int seen = 0;
        String after = null;
        do {
            RewrapPart part = rewrap(after);
            seen += part.seen();
            assertThat(part.changed()).isEqualTo(part.seen());
            after = part.next();
            parts++;
        } while (after != null);

        assertThat(seen).isEqualTo(OBJECTS + 2);
        assertThat(parts).isEqualTo(3);
        assertThat(rewrap(null).changed()).isZero();
    }

    @Test
    void oneThatIsDamagedKeepsNobodyElseFromBeingDone() {
        String damaged = BucketLayout.dump("main", "shop") + ".enc";
        store.put(damaged, new byte[100]);

        RewrapPart part = rewrap(null, Duration.ofMinutes(1));

        assertThat(part.changed()).isEqualTo(OBJECTS + 1);
        assertThat(part.failures()).singleElement().asString().contains(damaged, "truncated");
    }

    private RewrapPart rewrap(@org.jspecify.annotations.Nullable String after) {
        return rewrap(after, Duration.ZERO);
    }

    private RewrapPart rewrap(@org.jspecify.annotations.Nullable String after, Duration patience) {
        ClusterAccess access = new ClusterAccess(cluster(), store, fence -> {}, Map.of(), "1@here");
        Watch nobody = new Watch() {
            @Override
            public void progress(Progress now) {}

            @Override
            public void check() {}
        };
        return new KeyActivitiesImpl(access, patience)
                .rewrap(new RewrapOrder("main", fresh.publicKey().base64(), true, after), nobody);
    }

    private void upload(String plainKey) throws IOException {
        DataObjects data = DataObjects.of(store);
        try (Upload upload = data.upload(data.keyFor(plainKey))) {
            upload.write(new byte[1000]);
            upload.complete();
        }
    }

    private PostgresCluster cluster() {
        return ClusterOfTest.in(folder, Path.of("/bin"));
    }
}
