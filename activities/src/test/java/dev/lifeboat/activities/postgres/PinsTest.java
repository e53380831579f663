package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.PinOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Pinned;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PinsTest {

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final RetentionBucket bucket = new RetentionBucket(store, Instant.parse("2026-03-31T12:00:00Z"));
    private final Pins pins = new Pins(store, "main");

    @Test
    void aPinIsAnObjectAndASecondOneChangesNothing() {
        bucket.fill(3, 1, time -> {});

        assertThat(pins.apply(order(bucket.baseBackupId(2), true)))
                .isEqualTo(new Pinned("main", bucket.baseBackupId(2), "base-backup", true, true));
        assertThat(pins.apply(order(bucket.baseBackupId(2), true)).changed()).isFalse();
        assertThat(pins.apply(order(bucket.dumpId(1), true)).kind()).isEqualTo("dump");
        assertThat(pins.backups()).containsExactly(bucket.baseBackupId(2), bucket.dumpId(1));
        assertThat(new String(store.readAll(BucketLayout.pin("main", bucket.dumpId(1))), StandardCharsets.UTF_8))
                .contains("\"pinnedBy\" : \"ana@ops-1\"", "\"kind\" : \"dump\"");

        assertThat(pins.apply(order(bucket.dumpId(1), false)).changed()).isTrue();
        assertThat(pins.apply(order(bucket.dumpId(1), false)).changed()).isFalse();
        assertThat(pins.backups()).containsExactly(bucket.baseBackupId(2));
        assertThat(pins.apply(order(bucket.baseBackupId(2), null)).pinned()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"20200101T000000Z", "", "..", "../../leases/main/000001", "proofs", "shop"})
    void whatIsNoBackupCannotBePinned(String id) {
        bucket.fill(3, 1, time -> {});
        int before = bucket.keys().size();

        for (Boolean pinned : new Boolean[] {true, false, null}) {
            assertThatExceptionOfType(RecoveryFailure.class)
                    .isThrownBy(() -> pins.apply(order(id, pinned)))
                    .extracting(RecoveryFailure::code)
                    .isEqualTo(FailureCode.UNKNOWN_BACKUP);
        }
        assertThat(bucket.keys()).hasSize(before);
    }

    @Test
    void whatIsBeingDeletedCannotBePinnedAndAPinOutlivesItsBackup() {
        bucket.fill(3, 1, time -> {});
        pins.apply(order(bucket.dumpId(2), true));
        new ExpiryMarks(store).set(bucket.dumpManifest(1), Instant.EPOCH);
        store.delete(bucket.dumpManifest(2));

        assertThatExceptionOfType(RecoveryFailure.class).isThrownBy(() -> pins.apply(order(bucket.dumpId(1), true)));
        assertThat(pins.apply(order(bucket.dumpId(2), false)))
                .isEqualTo(new Pinned("main", bucket.dumpId(2), null, false, true));
        assertThat(pins.backups()).isEmpty();
    }

    private static PinOrder order(String backup, @Nullable Boolean pinned) {
        return new PinOrder("main", backup, pinned, "ana@ops-1");
    }
}
