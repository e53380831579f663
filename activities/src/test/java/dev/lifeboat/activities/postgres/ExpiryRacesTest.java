package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.Generations;
import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.PinOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * Between any two things that retention does to the bucket something else happens: a pin is set or taken away, a restore
 * begins, reads or ends, the worker is killed, a manifest is damaged or mended, the bucket begins to keep something, time
 * goes by. What somebody may rely on is there all the while.
 */
class ExpiryRacesTest {

    private static final Instant BEGIN = Instant.parse("2026-03-31T12:00:00Z");
    private static final int DAYS = 6;
    private static final Retention RETENTION =
            new Retention(new Generations(2, 1, 0, 0, 0), 2, Duration.ofDays(3), Duration.ZERO, Duration.ofHours(30));

    @Property(tries = 150)
    void whatSomebodyMayRelyOnIsThereWhateverHappensMeanwhile(@ForAll long seed) {
        Story story = new Story(new Random(seed));
        for (int attempt = 0; attempt < 3; attempt++) {
            story.expire();
        }
        story.comeToRest();
        Statistics.label("what came of it").collect(story.ends);
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Story {

        private final Random random;
        private final InMemoryObjectStore memory = new InMemoryObjectStore();
        private final RetentionBucket bucket = new RetentionBucket(memory, BEGIN);
        private final Set<String> pinned = new TreeSet<>();
        private final Map<String, byte[]> damaged = new HashMap<>();
        private final List<String> all = new ArrayList<>();
        private final Set<String> ends = new TreeSet<>();
        private Instant now = BEGIN.plusSeconds(60);
        private @Nullable String reading;

        Story(Random random) {
            this.random = random;
            bucket.fill(DAYS, 2, memory::setClock);
            memory.setClock(now);
            for (int before = 0; before < DAYS; before++) {
                all.add(bucket.baseBackupId(before));
                all.add(bucket.dumpId(before));
            }
        }

        void expire() {
            try {
                ends.add(apply(interfered()) ? "blocked" : "done");
            } catch (Killed e) {
                ends.add("killed");
            } catch (RecoveryFailure e) {
                // A manifest that cannot be understood, met in the middle.
                assertThat(e.code()).isEqualTo(FailureCode.UNEXPECTED_STATE);
                ends.add("failed");
            }
            look();
        }

        /** Nothing happens any more: what may go goes, and no mark is left. */
        void comeToRest() {
            memory.unlock();
            mend();
            bucket.held.clear();
            reading = null;

            assertThat(apply(memory)).isFalse();

            look();
            assertThat(expiry(memory).plan().gone()).isEmpty();
            RetentionFacts facts = RetentionFactsReader.read(bucket.access(), clock());
            assertThat(facts.remains()).isEmpty();
            assertThat(facts.facts()).allMatch(fact -> fact.expiringSince() == null);
        }

        private boolean apply(ObjectStore store) {
            return !expiry(store)
                    .apply(bucket.order(Scope.ALL), "run-e")
                    .blocked()
                    .isEmpty();
        }

        private BackupExpiry expiry(ObjectStore store) {
            return new BackupExpiry(bucket.through(store).access(), RETENTION, clock(), RetentionBucket.NOBODY);
        }

        private void happen() {
            switch (random.nextInt(40)) {
                case 0, 1 -> pin(any());
                case 2, 3 -> unpin();
                case 4 -> bucket.held.add(bucket.holder("dump-restore/main.shop"));
                case 5, 6 -> read(any());
                case 7 -> {
                    bucket.held.clear();
                    reading = null;
                }
                case 8 -> pass(Duration.ofMinutes(random.nextInt(40 * 60)));
                case 9 -> memory.lock(random.nextBoolean() ? folder(any()) : folder(any()) + "chunks/000001");
                case 10 -> memory.unlock();
                case 11 -> damage(any());
                case 12 -> mend();
                case 13 -> {
                    if (random.nextInt(3) == 0) {
                        throw new Killed();
                    }
                }
                default -> {
                    return;
                }
            }
            look();
        }

        private String any() {
            return all.get(random.nextInt(all.size()));
        }

        private void pass(Duration time) {
            now = now.plus(time);
            memory.setClock(now);
        }

        private void pin(String id) {
            try {
                if (bucket.access()
                        .pins()
                        .apply(new PinOrder("main", id, true, "ana"))
                        .pinned()) {
                    pinned.add(id);
                }
            } catch (RecoveryFailure e) {
                // It is going, or gone, or damaged.
            }
        }

        private void unpin() {
            pinned.stream().findFirst().ifPresent(id -> {
                try {
                    bucket.access().pins().apply(new PinOrder("main", id, false, "ana"));
                    pinned.remove(id);
                } catch (RecoveryFailure e) {
                    // Its manifest is damaged.
                }
            });
        }

        /** Under a lease that was taken before. */
        private void read(String id) {
            if (bucket.held.isEmpty() || reading != null) {
                return;
            }
            try {
                if (isDump(id)) {
                    bucket.access().dumps().read(id);
                } else {
                    bucket.access().backups().read(RetentionBucket.SYSTEM, id);
                }
                reading = id;
            } catch (RecoveryFailure e) {
                // It is going, or gone, or damaged.
            }
        }

        private void damage(String id) {
            String manifest = manifest(id);
            if (memory.head(manifest).isPresent() && !damaged.containsKey(id)) {
                damaged.put(id, memory.readAll(manifest));
                memory.put(manifest, new byte[] {'x'});
            }
        }

        private void mend() {
            damaged.forEach((id, content) -> {
                if (memory.head(manifest(id)).isPresent()) {
                    memory.put(manifest(id), content);
                }
            });
            damaged.clear();
        }

        private void look() {
            TreeSet<String> keys = bucket.keys();
            bucket.access().backups().manifests(RetentionBucket.SYSTEM).forEach(shown -> assertThat(
                            isWhole(shown.id(), keys))
                    .as("%s is shown and not whole", shown.id())
                    .isTrue());
            bucket.access().dumps().manifests(unreadable -> {}).forEach(shown -> assertThat(isWhole(shown.id(), keys))
                    .as("%s is shown and not whole", shown.id())
                    .isTrue());
            pinned.forEach(
                    id -> assertThat(isWhole(id, keys)).as("%s is pinned", id).isTrue());
            if (reading != null) {
                assertThat(isWhole(reading, keys))
                        .as("%s is being read", reading)
                        .isTrue();
            }
            all.subList(0, 4).forEach(id -> assertThat(isWhole(id, keys))
                    .as("%s is one of the newest", id)
                    .isTrue());
        }

        private boolean isWhole(String id, Set<String> keys) {
            if (!keys.contains(manifest(id))) {
                return false;
            }
            if (isDump(id)) {
                return keys.contains(BucketLayout.dump("main", id))
                        && keys.contains(BucketLayout.dumpGlobals("main", id));
            }
            int first = RetentionBucket.firstSegment(DAYS, all.indexOf(id) / 2);
            return keys.contains(BucketLayout.chunk("main", RetentionBucket.SYSTEM, id, 1))
                    && keys.contains(BucketLayout.chunk("main", RetentionBucket.SYSTEM, id, 2))
                    && IntStream.range(first, 3 * DAYS + 3)
                            .mapToObj(RetentionBucket::segment)
                            .map(name -> BucketLayout.walFile("main", RetentionBucket.SYSTEM, name))
                            .allMatch(keys::contains);
        }

        private static boolean isDump(String id) {
            return id.startsWith("shop_");
        }

        private static String manifest(String id) {
            return isDump(id)
                    ? BucketLayout.dumpManifest("main", id)
                    : BucketLayout.baseBackupManifest("main", RetentionBucket.SYSTEM, id);
        }

        private static String folder(String id) {
            return isDump(id)
                    ? BucketLayout.dumps("main") + id + "."
                    : BucketLayout.baseBackup("main", RetentionBucket.SYSTEM, id);
        }

        /** Of many deletions at once the store makes one after the other. */
        private ObjectStore interfered() {
            return (ObjectStore) Proxy.newProxyInstance(
                    ObjectStore.class.getClassLoader(),
                    new Class<?>[] {ObjectStore.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("deleteAll")) {
                            List<ObjectStore.Refusal> refused = new ArrayList<>();
                            for (Object key : (List<?>) arguments[0]) {
                                happen();
                                refused.addAll(memory.deleteAll(List.of(String.valueOf(key)))
                                        .refused());
                            }
                            return new ObjectStore.Deletion(refused, 0);
                        }
                        happen();
                        try {
                            if (method.getName().equals("change")) {
                                @SuppressWarnings("unchecked")
                                var change = (Function<byte[], Optional<byte[]>>) arguments[1];
                                return memory.change(String.valueOf(arguments[0]), before -> {
                                    happen();
                                    return change.apply(before);
                                });
                            }
                            return method.invoke(memory, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        private Clock clock() {
            return new Clock() {
                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return now;
                }
            };
        }
    }
}
