package dev.lifeboat.activities.objectstore;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.doctor.Examinations.Seen;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** Does in the bucket, with objects of its own, each thing that a backup or a recovery relies on. */
final class BucketExamination {

    static final String FOLDER = "doctor/";

    /** S3 refuses requests that are 15 minutes off; a lease or a report that is minutes off misleads people long before. */
    private static final Duration MOST_SKEW = Duration.ofSeconds(30);

    private static final String NOTHING_WRITTEN = "nothing could be written";
    private static final Duration ABANDONED = Duration.ofHours(1);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final ObjectStore store;
    private final Clock clock;
    private final String probe;
    private final String claim;
    private final byte[] bytes;
    private final Examinations found = new Examinations("bucket");

    BucketExamination(ObjectStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
        String id = UUID.randomUUID().toString();
        String name = FOLDER + SECOND.format(clock.instant()) + "-" + id;
        this.probe = name + ".probe";
        this.claim = name + ".claim";
        this.bytes = ("lifeboat doctor " + id).getBytes(StandardCharsets.UTF_8);
    }

    List<Examination> run() {
        boolean written = found.examine("write", "an object can be written", this::write);
        found.examineIf(written, NOTHING_WRITTEN, "read", "the same bytes", this::read);
        found.examineIf(written, NOTHING_WRITTEN, "list", "the new object is in the list", this::list);
        found.examineIf(written, NOTHING_WRITTEN, "conditional write", "a second create is refused", this::createTwice);
        found.examineIf(written, NOTHING_WRITTEN, "delete", "the object is gone", this::delete);
        found.examineIf(
                written, NOTHING_WRITTEN, "clock", "within " + seconds(MOST_SKEW) + " of this worker's", this::skew);
        return found.found();
    }

    private Seen write() {
        removeAbandoned();
        store.put(probe, bytes);
        return new Seen("written to " + store.addressOf(FOLDER), true, "");
    }

    private Seen read() {
        boolean same = Arrays.equals(store.readAll(probe), bytes);
        return new Seen(
                same ? "the same bytes" : "other bytes",
                same,
                "what this store gives back cannot be trusted; look at what stands between it and this worker");
    }

    private Seen list() {
        boolean listed = store.list(FOLDER).stream().map(StoredObject::key).anyMatch(probe::equals);
        return new Seen(
                listed ? "it is in the list" : "it is not in the list",
                listed,
                "plans are made from lists: this store must show an object as soon as it is written");
    }

    /** Leases and WAL stand on this: without it two runs could both believe that a target is theirs. */
    private Seen createTwice() {
        byte[] second = "second".getBytes(StandardCharsets.UTF_8);
        boolean first = store.putIfAbsent(claim, bytes);
        boolean again = store.putIfAbsent(claim, second);
        boolean kept = Arrays.equals(store.readAll(claim), bytes);
        String words = !first ? "the first create was refused" : again ? "both creates went through" : "refused";
        return new Seen(
                kept || again ? words : "the first object was overwritten",
                first && !again && kept,
                "this store ignores If-None-Match, which keeps two runs apart; use one that honours it");
    }

    private Seen delete() {
        store.delete(probe);
        store.delete(claim);
        boolean gone = store.head(probe).isEmpty();
        return new Seen(gone ? "gone" : "still there", gone, "allow s3:DeleteObject below " + store.addressOf(FOLDER));
    }

    private Seen skew() {
        Optional<Instant> theirs = store.clock();
        if (theirs.isEmpty()) {
            return Seen.nothing("its answers carry no time");
        }
        Duration off = Duration.between(clock.instant(), theirs.get()).abs();
        return new Seen(
                seconds(off) + " apart",
                off.compareTo(MOST_SKEW) <= 0,
                "set the clock of this host or of the store right (NTP); signatures and times in reports stand on it");
    }

    /** What a doctor that was killed left; one that is at work now keeps its own. */
    private void removeAbandoned() {
        String old = FOLDER + SECOND.format(clock.instant().minus(ABANDONED));
        store.list(FOLDER).stream()
                .map(StoredObject::key)
                .filter(key -> key.compareTo(old) < 0)
                .forEach(store::delete);
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
