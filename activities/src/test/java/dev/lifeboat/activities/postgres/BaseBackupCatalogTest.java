package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseBackupCatalogTest {

    private static final String GOOD = "20260822T013000Z";
    private static final String BAD = "20260822T060000Z";

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final BaseBackupCatalog catalog = new BaseBackupCatalog(store, "main");

    @ParameterizedTest
    @ValueSource(strings = {"", "no manifest at all", "{\"format\": 1, \"id\": \"2026", "{}", "[]", "null"})
    void aManifestThatNobodyCanReadHidesNoOtherAndIsNamed(String content) {
        put(GOOD, Json.write(manifest(GOOD, "42")));
        put(BAD, content.getBytes(StandardCharsets.UTF_8));
        List<UnusableBackup> unusable = new ArrayList<>();

        List<BaseBackupManifest> read = catalog.manifests("42", unusable::add);

        assertThat(read).extracting(BaseBackupManifest::id).containsExactly(GOOD);
        assertThat(unusable).singleElement().satisfies(backup -> {
            assertThat(backup.id()).isEqualTo(BAD);
            assertThat(backup.why()).contains(BAD + "/manifest.json");
        });
        assertThat(catalog.walSegmentSize("42", BAD)).isEqualTo(WalSegmentSize.DEFAULT);
    }

    @Test
    void aManifestThatIsAnotherBackupsOrAnotherClustersIsNotTaken() {
        put(GOOD, Json.write(manifest(GOOD, "43")));
        put(BAD, Json.write(manifest(GOOD, "42")));
        List<UnusableBackup> unusable = new ArrayList<>();

        assertThat(catalog.manifests("42", unusable::add)).isEmpty();
        assertThat(unusable).extracting(UnusableBackup::id).containsExactly(GOOD, BAD);
    }

    @Test
    void whatWasNeverFinishedIsNoBackupAndNoDamage() {
        store.put(BucketLayout.chunk("main", "42", BAD, 1), new byte[] {1});
        List<UnusableBackup> unusable = new ArrayList<>();

        assertThat(catalog.manifests("42", unusable::add)).isEmpty();
        assertThat(unusable).isEmpty();
        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> catalog.read("42", BAD))
                .extracting(RecoveryFailure::code)
                .isEqualTo(FailureCode.UNKNOWN_BACKUP);
    }

    @Test
    void oneOnItsWayOutIsShownToNobodyAndItsNameIsTaken() {
        put(GOOD, Json.write(manifest(GOOD, "42")));
        put(BAD, Json.write(manifest(BAD, "42")));

        new ExpiryMarks(store).set(BucketLayout.baseBackupManifest("main", "42", BAD), Instant.EPOCH);

        assertThat(catalog.backups("42")).extracting(BaseBackup::id).containsExactly(GOOD);
        assertThat(catalog.newest())
                .hasValueSatisfying(newest -> assertThat(newest.id()).isEqualTo(GOOD));
        assertThat(catalog.find("42", BAD)).isPresent();
        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> catalog.read("42", BAD))
                .extracting(RecoveryFailure::code)
                .isEqualTo(FailureCode.UNKNOWN_BACKUP);
    }

    private void put(String id, byte[] content) {
        store.put(BucketLayout.baseBackupManifest("main", "42", id), content);
    }

    private static BaseBackupManifest manifest(String id, String systemId) {
        Instant at = Instant.parse("2026-08-22T01:30:00Z");
        return new BaseBackupManifest(
                1,
                id,
                "main",
                systemId,
                150018,
                1,
                Lsn.parse("0/3000028"),
                Lsn.parse("0/3000138"),
                WalSegmentSize.DEFAULT,
                at,
                at,
                1,
                1,
                "r",
                "w",
                Map.of(),
                Map.of(),
                List.of(),
                Map.of(),
                1,
                List.of(),
                null);
    }
}
