package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.Rewrap;
import dev.lifeboat.config.PublicKey;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.postgres.KeyActivities;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Wraps keys anew, many objects side by side, for as long as somebody waits at a terminal. */
final class KeyActivitiesImpl implements KeyActivities {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int AT_ONCE = 8;
    private static final int ROUND = 64;
    private static final int MOST_FAILURES = 20;

    private final ClusterAccess access;
    private final Duration patience;

    KeyActivitiesImpl(ClusterAccess access) {
        this(access, PATIENCE);
    }

    /** @param patience after which the part ends, with one round of objects at least */
    KeyActivitiesImpl(ClusterAccess access, Duration patience) {
        this.access = access;
        this.patience = patience;
    }

    @Override
    public RewrapPart rewrap(RewrapOrder order) {
        access.requireName(order.cluster());
        return Beats.during("rewrapping", "objects", watch -> rewrap(order, watch));
    }

    RewrapPart rewrap(RewrapOrder order, Watch watch) {
        String added = order.added();
        Rewrap rewrap = new Rewrap(access.store(), added == null ? null : PublicKey.ofBase64(added));
        List<String> keys = encrypted(order.after());
        long end = System.nanoTime() + patience.toNanos();
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE, new Daemons("rewrap"));
        List<String> failures = new ArrayList<>();
        int seen = 0;
        int changed = 0;
        try {
            while (seen < keys.size() && (seen == 0 || System.nanoTime() < end)) {
                watch.check();
                List<String> round = keys.subList(seen, Math.min(seen + ROUND, keys.size()));
                List<Future<Boolean>> running = round.stream()
                        .map(key -> pool.submit(() -> rewrap.rewrap(key, order.apply())))
                        .toList();
                for (Future<Boolean> each : running) {
                    changed += result(each, failures) ? 1 : 0;
                }
                seen += round.size();
                watch.progress(new Progress("rewrapping", seen, keys.size(), "objects"));
            }
        } finally {
            pool.shutdownNow();
            Daemons.awaitEnd(pool, Duration.ofMinutes(1));
        }
        return new RewrapPart(
                seen,
                changed,
                List.copyOf(failures),
                rewrap.recipients(),
                rewrap.keepsIdentity(),
                seen < keys.size() ? keys.get(seen - 1) : null);
    }

    /** What is damaged, or for others only, must not keep the rest from being done. */
    private static boolean result(Future<Boolean> rewrapping, List<String> failures) {
        try {
            return rewrapping.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecoveryFailure failure
                    && (DataObjects.isDamage(failure) || failure.code() == FailureCode.WRONG_KEY)) {
                if (failures.size() < MOST_FAILURES) {
                    failures.add(String.valueOf(failure.getMessage()));
                }
                return false;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED, "rewrapping was interrupted: this worker ends", "it is tried again", e);
        }
    }

    private List<String> encrypted(@Nullable String after) {
        String cluster = access.cluster().name();
        return Stream.of(BucketLayout.baseBackups(cluster), BucketLayout.wal(cluster), BucketLayout.dumps(cluster))
                .flatMap(folder -> access.store().list(folder).stream())
                .map(StoredObject::key)
                .filter(DataObjects::isEncrypted)
                .filter(key -> after == null || key.compareTo(after) > 0)
                .sorted(Comparator.naturalOrder())
                .toList();
    }
}
