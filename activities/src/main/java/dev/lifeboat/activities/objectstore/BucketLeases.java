package dev.lifeboat.activities.objectstore;

import dev.lifeboat.activities.objectstore.Lease.Succession;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.RunLiveness;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities.LeaseRequest;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leases as numbered objects. The store's conditional write decides every race, and as no object is ever changed or
 * removed, a number once seen is true for ever, whatever happens to Temporal.
 */
public final class BucketLeases implements Leases {

    private static final Pattern NAME = Pattern.compile("(\\d+)(\\.end)?\\.json");
    private static final int RACES = 20;

    private final ObjectStore store;
    private final RunLiveness liveness;
    private final Clock clock;
    /** Leases whose object was seen to name their run; objects never change, so once is enough. */
    private final Set<Fence> proved = ConcurrentHashMap.newKeySet();

    public BucketLeases(ObjectStore store, RunLiveness liveness) {
        this(store, liveness, Clock.systemUTC());
    }

    BucketLeases(ObjectStore store, RunLiveness liveness, Clock clock) {
        this.store = store;
        this.liveness = liveness;
        this.clock = clock;
    }

    /**
     * Takes the lease, or returns it to the run that holds it already.
     *
     * @throws RecoveryFailure LEASE_HELD when another run holds it that may not be succeeded
     */
    public Fence take(LeaseRequest request) {
        for (int race = 0; race < RACES; race++) {
            Newest newest = newest(request.target());
            Succession succession = null;
            if (newest.isHeld()) {
                Lease held = read(request.target(), newest.number());
                if (held.runId().equals(request.runId())) {
                    return new Fence(request.target(), newest.number(), request.runId());
                }
                succession = new Succession(held.number(), held.run(), held.runId(), whyToSucceed(held, request));
            }
            Lease lease = new Lease(
                    Lease.FORMAT,
                    request.target(),
                    newest.number() + 1,
                    request.run(),
                    request.runId(),
                    request.namespace(),
                    request.recovery(),
                    clock.instant().truncatedTo(ChronoUnit.MILLIS),
                    succession);
            if (store.putIfAbsent(BucketLayout.lease(lease.target(), lease.number()), Json.write(lease))) {
                return new Fence(lease.target(), lease.number(), lease.runId());
            }
        }
        throw new RecoveryFailure(
                FailureCode.BUSY_WITH_OTHER_ATTEMPT,
                "cannot take the lease of %s for %s: other runs took it %d times in a row"
                        .formatted(request.target(), request.run(), RACES),
                "see who is there with 'lifeboat status'");
    }

    /** Ends the lease; changes nothing when it has ended, was succeeded, or never was. */
    public void release(Fence fence) {
        Newest newest = newest(fence.target());
        if (newest.number() != fence.number() || newest.ended()) {
            return;
        }
        if (!read(fence.target(), fence.number()).runId().equals(fence.runId())) {
            return;
        }
        Lease.End end = new Lease.End(
                Lease.FORMAT, fence.number(), fence.runId(), clock.instant().truncatedTo(ChronoUnit.MILLIS));
        store.putIfAbsent(BucketLayout.leaseEnd(fence.target(), fence.number()), Json.write(end));
    }

    @Override
    public void check(Fence fence) {
        Newest newest = newest(fence.target());
        if (newest.number() != fence.number()) {
            throw fencedOut(
                    fence, "the newest lease in the bucket is number " + newest.number() + holder(newest, fence));
        }
        if (newest.ended()) {
            throw fencedOut(fence, "that lease, still the newest number " + newest.number() + ", has ended");
        }
        if (proved.contains(fence)) {
            return;
        }
        Lease lease = read(fence.target(), fence.number());
        if (!lease.runId().equals(fence.runId())) {
            throw fencedOut(
                    fence,
                    "number %d in the bucket belongs to %s (run %s)"
                            .formatted(lease.number(), lease.run(), lease.runId()));
        }
        proved.add(fence);
    }

    @Override
    public List<Held> held(Predicate<Held> which) {
        return held(which, (target, failure) -> {
            throw failure;
        });
    }

    @Override
    public List<Held> held(Predicate<Held> which, BiConsumer<String, RecoveryFailure> unreadable) {
        List<Held> held = new ArrayList<>();
        newestOfAll().forEach((target, newest) -> {
            if (newest.isHeld()) {
                understood(target, newest.number(), unreadable).ifPresent(lease -> {
                    Held one = new Held(target, lease.number(), lease.run(), lease.runId(), lease.takenAt());
                    if (which.test(one) && mayBeHeld(liveness.of(lease.run(), lease.runId(), lease.namespace()))) {
                        held.add(one);
                    }
                });
            }
        });
        return List.copyOf(held);
    }

    private Optional<Lease> understood(String target, long number, BiConsumer<String, RecoveryFailure> unreadable) {
        try {
            return Optional.of(read(target, number));
        } catch (RecoveryFailure e) {
            if (e.code() != FailureCode.UNEXPECTED_STATE) {
                throw e;
            }
            unreadable.accept(target, e);
            return Optional.empty();
        }
    }

    private static boolean mayBeHeld(RunLiveness.State state) {
        return state == RunLiveness.State.OPEN || state == RunLiveness.State.ELSEWHERE;
    }

    /** By target. */
    private SortedMap<String, Newest> newestOfAll() {
        SortedMap<String, Newest> newest = new TreeMap<>();
        for (StoredObject object : store.list(BucketLayout.LEASES)) {
            String path = object.key().substring(BucketLayout.LEASES.length());
            int slash = path.lastIndexOf('/');
            if (slash > 0) {
                Newest.parse(path.substring(slash + 1))
                        .ifPresent(found -> newest.merge(path.substring(0, slash), found, Newest::with));
            }
        }
        return newest;
    }

    private String whyToSucceed(Lease held, LeaseRequest request) {
        if (request.takeOver()) {
            return "a person said that the holder is dead (--take-over)";
        }
        if (request.recovery() && !held.recovery()) {
            return "a recovery takes precedence over a backup";
        }
        return switch (liveness.of(held.run(), held.runId(), held.namespace())) {
            case CLOSED -> "Temporal says that the holder's run is closed";
            case UNKNOWN -> "Temporal does not know the holder's run";
            case OPEN -> throw leaseHeld(held, request, "Temporal says that it is still open");
            case ELSEWHERE ->
                throw leaseHeld(
                        held,
                        request,
                        "it was started in the Temporal namespace '%s', of which this Temporal says nothing"
                                .formatted(held.namespace()));
        };
    }

    private static RecoveryFailure leaseHeld(Lease held, LeaseRequest request, String fact) {
        return new RecoveryFailure(
                FailureCode.LEASE_HELD,
                "cannot take the lease of %s for %s: %s (run %s) has held it since %s, and %s"
                        .formatted(
                                request.target(),
                                request.run(),
                                held.run(),
                                held.runId(),
                                held.takenAt().truncatedTo(ChronoUnit.SECONDS),
                                fact),
                "see what it does with 'lifeboat status %s'; if it is surely dead, start again with --take-over"
                        .formatted(held.run()));
    }

    private String holder(Newest newest, Fence fence) {
        if (newest.number() < fence.number()) {
            return "; has an older state of the bucket been restored?";
        }
        Lease lease = read(fence.target(), newest.number());
        return " of %s (run %s), taken at %s"
                .formatted(lease.run(), lease.runId(), lease.takenAt().truncatedTo(ChronoUnit.SECONDS));
    }

    private static RecoveryFailure fencedOut(Fence fence, String fact) {
        return new RecoveryFailure(
                FailureCode.FENCED_OUT,
                "must not change %s any more: this run (%s) holds lease number %d, but %s"
                        .formatted(fence.target(), fence.runId(), fence.number(), fact),
                "nothing more is changed by this run; 'lifeboat status' shows the open ones");
    }

    private Newest newest(String target) {
        String folder = BucketLayout.LEASES + target + "/";
        Newest newest = Newest.NONE;
        for (StoredObject object : store.list(folder)) {
            newest = Newest.parse(object.key().substring(folder.length()))
                    .map(newest::with)
                    .orElse(newest);
        }
        return newest;
    }

    private Lease read(String target, long number) {
        String key = BucketLayout.lease(target, number);
        return Json.read(store.readAll(key), Lease.class, store.addressOf(key));
    }

    /** The highest number of a target, and whether it has ended; number 0 when there is none. */
    private record Newest(long number, boolean ended) {

        static final Newest NONE = new Newest(0, true);

        /** Empty for what is not a lease: people leave all kinds of things in buckets. */
        static Optional<Newest> parse(String name) {
            Matcher matcher = NAME.matcher(name);
            return matcher.matches()
                    ? Optional.of(new Newest(Long.parseLong(matcher.group(1)), matcher.group(2) != null))
                    : Optional.empty();
        }

        Newest with(Newest other) {
            if (other.number > number) {
                return other;
            }
            return other.number == number ? new Newest(number, ended || other.ended) : this;
        }

        boolean isHeld() {
            return !ended;
        }
    }
}
