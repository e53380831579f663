package dev.lifeboat.activities.objectstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.RunLiveness;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities.LeaseRequest;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What leases do on any object store of ours. */
public abstract class BucketLeasesContract {

    private static final Instant NOW = Instant.parse("2026-08-22T09:31:07.120Z");

    private final Map<String, RunLiveness.State> temporal = new ConcurrentHashMap<>();
    private final RunLiveness liveness =
            (run, runId, namespace) -> temporal.getOrDefault(runId, RunLiveness.State.OPEN);

    protected abstract ObjectStore store();

    private BucketLeases leases() {
        return new BucketLeases(store(), liveness, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @Test
    void numbersGrowFromOneAndARunThatHoldsTheLeaseGetsItAgain() {
        Fence first = leases().take(recovery("run-1"));

        assertThat(first).isEqualTo(new Fence("main", 1, "run-1"));
        assertThat(leases().take(recovery("run-1"))).isEqualTo(first);

        leases().release(first);

        assertThat(leases().take(recovery("run-2"))).isEqualTo(new Fence("main", 2, "run-2"));
    }

    /** Held by a worker whose clock was a century ahead, or behind; nothing about it is ever over by a clock. */
    @Test
    void noClockEndsALeaseOrKeepsIt() {
        for (Instant wrong : List.of(NOW.plusSeconds(3_155_760_000L), NOW.minusSeconds(3_155_760_000L))) {
            BucketLeases jumped = new BucketLeases(store(), liveness, Clock.fixed(wrong, ZoneOffset.UTC));
            Fence held = jumped.take(recovery("run-at-" + wrong));

            assertThatExceptionOfType(RecoveryFailure.class)
                    .isThrownBy(() -> leases().take(recovery("another")))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.LEASE_HELD));
            assertThatCode(() -> leases().check(held)).doesNotThrowAnyException();

            temporal.put("run-at-" + wrong, RunLiveness.State.CLOSED);
            Fence next = leases().take(recovery("after-" + wrong));
            assertThat(next.number()).isEqualTo(held.number() + 1);
            jumped.release(next);
        }
    }

    @Test
    void anOpenHolderIsNamedWithWhatToDoAboutIt() {
        leases().take(recovery("run-1"));

        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> leases().take(backup("run-2")))
                .withMessage(
                        "cannot take the lease of main for base-backup/main: pitr-recovery/main (run run-1) has held"
                                + " it since 2026-08-22T09:31:07Z, and Temporal says that it is still open")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.LEASE_HELD))
                .satisfies(failure -> assertThat(failure.hint())
                        .isEqualTo("see what it does with 'lifeboat status pitr-recovery/main';"
                                + " if it is surely dead, start again with --take-over"));
    }

    @Test
    void aHolderThatTemporalCallsClosedOrUnknownIsSucceeded() {
        leases().take(recovery("run-1"));
        temporal.put("run-1", RunLiveness.State.CLOSED);
        Fence second = leases().take(recovery("run-2"));
        temporal.put("run-2", RunLiveness.State.UNKNOWN);
        Fence third = leases().take(backup("run-3"));

        assertThat(second.number()).isEqualTo(2);
        assertThat(third.number()).isEqualTo(3);
        assertThat(new String(store().readAll("leases/main/000003.json"), UTF_8))
                .contains("\"runId\" : \"run-2\"", "Temporal does not know the holder's run");
    }

    @Test
    void aHolderInANamespaceOfWhichTemporalSaysNothingIsSucceededByAPersonOnly() {
        leases().take(new LeaseRequest("main", "pitr-recovery/main", "run-1", "elsewhere", true, false));
        temporal.put("run-1", RunLiveness.State.ELSEWHERE);

        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> leases().take(recovery("run-2")))
                .withMessageContaining(
                        "started in the Temporal namespace 'elsewhere', of which this Temporal says nothing")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.LEASE_HELD))
                .satisfies(failure -> assertThat(failure.hint()).contains("--take-over"));
        assertThat(leases().take(new LeaseRequest("main", "pitr-recovery/main", "run-2", "default", true, true))
                        .number())
                .isEqualTo(2);
    }

    @Test
    void aRecoveryTakesPrecedenceOverABackupWhichIsThenFencedOut() {
        Fence backup = leases().take(backup("run-1"));

        Fence recovery = leases().take(recovery("run-2"));

        assertThatCode(() -> leases().check(recovery)).doesNotThrowAnyException();
        assertFails(FailureCode.FENCED_OUT, () -> leases().check(backup));
    }

    @Test
    void aPersonMayTakeOverFromAHolderThatIsStillOpen() {
        Fence lost = leases().take(recovery("run-1"));

        Fence taken = leases().take(new LeaseRequest("main", "pitr-recovery/main", "run-2", "default", true, true));

        assertThat(taken.number()).isEqualTo(2);
        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> leases().check(lost))
                .withMessage(
                        "must not change main any more: this run (run-1) holds lease number 1, but the newest lease in"
                                + " the bucket is number 2 of pitr-recovery/main (run run-2), taken at"
                                + " 2026-08-22T09:31:07Z");
    }

    @Test
    void whenTemporalCannotBeAskedNobodyIsSucceeded() {
        leases().take(backup("run-1"));
        RunLiveness away = (run, runId, namespace) -> {
            throw new RecoveryFailure(FailureCode.IO_FAILED, "cannot ask Temporal", "start it");
        };

        assertFails(FailureCode.IO_FAILED, () -> new BucketLeases(store(), away).take(backup("run-2")));

        assertThat(store().list("leases/")).extracting(StoredObject::key).containsExactly("leases/main/000001.json");
    }

    @Test
    void aReleasedLeaseNoLongerAllowsAnything() {
        Fence fence = leases().take(recovery("run-1"));
        BucketLeases sameProcess = leases();
        sameProcess.check(fence);

        leases().release(fence);

        assertFails(FailureCode.FENCED_OUT, () -> sameProcess.check(fence));
    }

    @Test
    void releasingTwiceOrAfterBeingSucceededChangesNothing() {
        Fence backup = leases().take(backup("run-1"));
        Fence recovery = leases().take(recovery("run-2"));

        leases().release(backup);
        leases().check(recovery);
        leases().release(recovery);
        leases().release(recovery);

        assertThat(store().list("leases/"))
                .extracting(StoredObject::key)
                .containsExactly("leases/main/000001.json", "leases/main/000002.end.json", "leases/main/000002.json");
    }

    @Test
    void aNumberThatTheBucketDoesNotKnowIsFencedOut() {
        leases().take(recovery("run-1"));

        assertFails(FailureCode.FENCED_OUT, () -> leases().check(new Fence("main", 7, "run-1")));
        assertFails(FailureCode.FENCED_OUT, () -> leases().check(new Fence("main", 1, "another")));
        assertFails(FailureCode.FENCED_OUT, () -> leases().check(new Fence("main.drill", 1, "run-1")));
    }

    @Test
    void targetsDoNotBlockEachOther() {
        leases().take(recovery("run-1"));

        Fence drill = leases().take(
                        new LeaseRequest("main.drill", "pitr-recovery/main/drill", "run-2", "default", true, false));

        assertThat(drill).isEqualTo(new Fence("main.drill", 1, "run-2"));
    }

    @Test
    void ofManyRunsAtOnceOneHoldsTheLease() throws Exception {
        List<Fence> taken = race(12, number -> leases().take(recovery("run-" + number)));

        assertThat(taken).hasSize(1);
        assertThatCode(() -> leases().check(taken.get(0))).doesNotThrowAnyException();
    }

    @Test
    void manyAttemptsOfOneRunGetOneNumber() throws Exception {
        List<Fence> taken = race(12, number -> leases().take(recovery("run-1")));

        assertThat(taken).hasSize(12);
        assertThat(new HashSet<>(taken)).containsExactly(new Fence("main", 1, "run-1"));
    }

    @Test
    void whenEverybodyTakesOverEveryNumberIsGivenOnceAndTheLastOneHolds() throws Exception {
        List<Fence> taken = race(8, number -> leases().take(
                        new LeaseRequest("main", "pitr-recovery/main", "run-" + number, "default", true, true)));

        Set<Long> numbers = new HashSet<>();
        taken.forEach(fence -> numbers.add(fence.number()));
        assertThat(taken).hasSize(8);
        assertThat(numbers).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        for (Fence fence : taken) {
            if (fence.number() == 8) {
                leases().check(fence);
            } else {
                assertFails(FailureCode.FENCED_OUT, () -> leases().check(fence));
            }
        }
    }

    @Test
    void whoHoldsALeaseOfAClusterOrOfAPartOfItIsKnown() {
        take("main", "pitr-recovery/main", "run-1");
        take("main.drill", "pitr-recovery/main/drill", "run-2");
        take("main.into-5499", "pitr-recovery/main/into-5499", "run-3");
        take("main/verification", "restore-verification/main", "run-4");
        take("mainly", "pitr-recovery/mainly", "run-5");
        take("other", "pitr-recovery/other", "run-6");
        leases().release(take("main.daily-dump", "daily-dump/main", "run-7"));
        temporal.put("run-3", RunLiveness.State.CLOSED);
        temporal.put("run-4", RunLiveness.State.ELSEWHERE);

        assertThat(leases().held(lease -> lease.isOf("main")))
                .containsExactly(
                        new Leases.Held("main", 1, "pitr-recovery/main", "run-1", NOW),
                        new Leases.Held("main.drill", 1, "pitr-recovery/main/drill", "run-2", NOW),
                        new Leases.Held("main/verification", 1, "restore-verification/main", "run-4", NOW));
        assertThat(leases().held(lease -> lease.isOf("nobody"))).isEmpty();
        assertThat(leases().held(lease -> lease.run().endsWith("ly")))
                .extracting(Leases.Held::target)
                .containsExactly("mainly");
    }

    @Test
    void aLeaseThatCannotBeUnderstoodHidesNoOther() {
        take("main", "pitr-recovery/main", "run-1");
        store().put("leases/other/000001.json", new byte[] {'x'});
        List<String> told = new ArrayList<>();

        assertThat(leases().held(lease -> true, (target, why) -> told.add(target + " " + why.code())))
                .extracting(Leases.Held::target)
                .containsExactly("main");
        assertThat(told).containsExactly("other UNEXPECTED_STATE");
        assertFails(FailureCode.UNEXPECTED_STATE, () -> leases().held(lease -> true));
    }

    private Fence take(String target, String run, String runId) {
        return leases().take(new LeaseRequest(target, run, runId, "default", false, false));
    }

    private interface Racer {
        Fence run(int number);
    }

    /** The fences of those who got one; the others must have been told LEASE_HELD. */
    private static List<Fence> race(int runners, Racer racer) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(runners);
        CountDownLatch gun = new CountDownLatch(1);
        List<Future<Fence>> running = new ArrayList<>();
        for (int i = 0; i < runners; i++) {
            int number = i;
            running.add(threads.submit(() -> {
                gun.await();
                return racer.run(number);
            }));
        }
        gun.countDown();
        List<Fence> taken = new ArrayList<>();
        for (Future<Fence> one : running) {
            try {
                taken.add(one.get());
            } catch (java.util.concurrent.ExecutionException e) {
                assertThat(e.getCause())
                        .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                                .isEqualTo(FailureCode.LEASE_HELD));
            }
        }
        threads.shutdown();
        return taken;
    }

    private static LeaseRequest recovery(String runId) {
        return new LeaseRequest("main", "pitr-recovery/main", runId, "default", true, false);
    }

    private static LeaseRequest backup(String runId) {
        return new LeaseRequest("main", "base-backup/main", runId, "default", false, false);
    }

    private static void assertFails(FailureCode code, ThrowingCallable call) {
        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(call)
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }
}
