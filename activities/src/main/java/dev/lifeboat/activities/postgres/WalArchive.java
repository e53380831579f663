package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.ZstdIOException;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.PlainObjects;
import dev.lifeboat.activities.store.StoredData;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The WAL of one cluster, of one system identifier, in the bucket: segments, {@code .history}, {@code .backup} and
 * {@code .partial} files. What is there is never replaced. Where encryption is on, what holds data of tables is encrypted;
 * {@code .history} and {@code .backup} hold positions and times only, as the index does, and everybody may read them who
 * plans. A file may be there as both, from before and after a switch.
 */
record WalArchive(ObjectStore store, String cluster, String systemId) {

    private static final Logger log = LoggerFactory.getLogger(WalArchive.class);
    private static final Pattern NAME =
            Pattern.compile("[0-9A-F]{24}(\\.partial|\\.[0-9A-F]{8}\\.backup)?|[0-9A-F]{8}\\.history");
    /** As {@link WalSalvage} keeps what a dead server had not finished. */
    private static final Pattern SAVED = Pattern.compile("[0-9A-F]{24}\\.[0-9a-f]{8}\\.partial");

    private static final String SUFFIX = ".zst";
    private static final int READINGS = 3;
    private static final int COPY = 256 << 10;

    /** Whether this is a name that PostgreSQL gives to a file of its WAL. */
    static boolean isWalFile(String name) {
        return NAME.matcher(name).matches();
    }

    /** Whether this is what was saved of a segment that was never finished, by PostgreSQL or by us. */
    static boolean isUnfinished(String name) {
        return name.endsWith(".partial");
    }

    /** The names of everything that is archived, without {@code .zst}, by timeline. */
    SortedMap<Integer, NavigableSet<String>> names() {
        SortedMap<Integer, NavigableSet<String>> found = new TreeMap<>();
        String folder = BucketLayout.wal(cluster, systemId);
        for (ObjectStore.StoredObject object : store.list(folder)) {
            String file = object.key().substring(object.key().lastIndexOf('/') + 1);
            String name = nameOf(file);
            if (name.equals(file) || object.key().contains("/index/")) {
                continue;
            }
            if (isWalFile(name) || SAVED.matcher(name).matches()) {
                int timeline = Integer.parseUnsignedInt(name.substring(0, 8), 16);
                found.computeIfAbsent(timeline, any -> new TreeSet<>()).add(name);
            }
        }
        return found;
    }

    /** What is stored as this file: without {@code .zst} and {@code .enc}; the same where it is stored as neither. */
    static String nameOf(String file) {
        String plain = DataObjects.isEncrypted(file)
                ? file.substring(0, file.length() - DataObjects.ENCRYPTED.length())
                : file;
        return plain.endsWith(SUFFIX) ? plain.substring(0, plain.length() - SUFFIX.length()) : file;
    }

    /** Whole segments as ranges in order, by timeline; a timeline with nothing but other files has an empty list. */
    SortedMap<Integer, List<SegmentRange>> segments(WalSegmentSize size) {
        SortedMap<Integer, List<SegmentRange>> found = new TreeMap<>();
        names().forEach((timeline, names) -> found.put(
                timeline,
                ranges(
                        names.stream()
                                .filter(WalSegmentSize::isSegmentName)
                                .map(name -> size.parse(name).number())
                                .toList(),
                        "bucket")));
        return found;
    }

    /** @param numbers of segments, ascending */
    static List<SegmentRange> ranges(Iterable<Long> numbers, String where) {
        List<SegmentRange> ranges = new ArrayList<>();
        long from = -1;
        long to = -2;
        for (long number : numbers) {
            if (number != to + 1) {
                if (from >= 0) {
                    ranges.add(new SegmentRange(from, to, where));
                }
                from = number;
            }
            to = number;
        }
        if (from >= 0) {
            ranges.add(new SegmentRange(from, to, where));
        }
        return List.copyOf(ranges);
    }

    /** Every history file in the archive, read. */
    SortedMap<Integer, TimelineHistory> histories() {
        SortedMap<Integer, TimelineHistory> found = new TreeMap<>();
        names().forEach((timeline, names) -> names.stream()
                .filter(name -> name.endsWith(".history"))
                .flatMap(name -> read(name).stream())
                .forEach(bytes -> found.put(
                        timeline, TimelineHistory.parse(timeline, new String(bytes, StandardCharsets.UTF_8)))));
        return found;
    }

    /** A file's plain content. Empty only when the store said that it is not there. */
    Optional<byte[]> read(String name) {
        return againWhereDamaged(name, () -> readOnce(name));
    }

    private Optional<byte[]> readOnce(String name) {
        try (InputStream plain = open(name)) {
            return Optional.of(plain.readAllBytes());
        } catch (IOException e) {
            throw damaged(name, e);
        } catch (RecoveryFailure e) {
            return emptyWhenMissing(e);
        }
    }

    /**
     * Streams a file's plain content; OBJECT_MISSING when the store said that it is not there.
     *
     * @throws IOException also where it is encrypted and not what was stored
     */
    InputStream open(String name) throws IOException {
        DataObjects data = DataObjects.of(store);
        @Nullable RecoveryFailure first = null;
        for (String key : keys(name)) {
            try {
                return plain(() -> data.open(key));
            } catch (RecoveryFailure e) {
                if (e.code() != FailureCode.OBJECT_MISSING && !DataObjects.isUnreadable(e)) {
                    throw e;
                }
                // What is there and cannot be read says more than what is not there.
                first = first == null || first.code() == FailureCode.OBJECT_MISSING ? e : first;
            }
        }
        throw Objects.requireNonNull(first);
    }

    /** Where another copy of a file than the one that {@link #open} gives may lie. */
    record OtherCopy(String where, Source source) {}

    /** The one that is stored differently, from before encryption was switched, and what was overwritten or removed. */
    List<OtherCopy> otherCopies(String name) {
        DataObjects data = DataObjects.of(store);
        List<OtherCopy> copies = new ArrayList<>();
        List<String> there =
                keys(name).stream().filter(key -> store.head(key).isPresent()).toList();
        there.stream()
                .skip(1)
                .forEach(key -> copies.add(new OtherCopy(store.addressOf(key), () -> plain(() -> data.open(key)))));
        for (String key : keys(name)) {
            for (ObjectStore.Version version : store.earlierVersions(key)) {
                copies.add(new OtherCopy(
                        "%s in its version %s of %s".formatted(store.addressOf(key), version.id(), version.at()),
                        () -> plain(() -> data.open(key, version))));
            }
        }
        return copies;
    }

    /** Bytes that were not stored so are broken content here, as what zstd cannot unpack is. */
    static final class Altered extends IOException {
        private static final long serialVersionUID = 1L;

        Altered(RecoveryFailure failure) {
            super(failure.getMessage(), failure);
        }
    }

    private static InputStream plain(Supplier<StoredData> opening) throws IOException {
        StoredData stored;
        try {
            stored = opening.get();
        } catch (RecoveryFailure e) {
            throw orAltered(e);
        }
        try {
            return Zstandard.decompressing(new Content(stored));
        } catch (IOException | RuntimeException e) {
            stored.close();
            throw e;
        }
    }

    private static RecoveryFailure orAltered(RecoveryFailure failure) throws Altered {
        if (DataObjects.isDamage(failure)) {
            throw new Altered(failure);
        }
        return failure;
    }

    private static final class Content extends FilterInputStream {

        Content(StoredData stored) {
            super(stored);
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (RecoveryFailure e) {
                throw orAltered(e);
            }
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            try {
                return in.read(into, from, length);
            } catch (RecoveryFailure e) {
                throw orAltered(e);
            }
        }
    }

    /** As the index and messages spell it. */
    static String crc32c(byte[] plain) {
        CRC32C sum = new CRC32C();
        sum.update(plain);
        return hex(sum);
    }

    static String hex(CRC32C sum) {
        return HexFormat.of().toHexDigits((int) sum.getValue());
    }

    String address(String name) {
        return store.addressOf(key(name));
    }

    String indexAddress(String name) {
        return store.addressOf(BucketLayout.walIndex(cluster, systemId, WalIndex.nameFor(name)));
    }

    boolean has(String name) {
        return keys(name).stream().anyMatch(key -> store.head(key).isPresent());
    }

    /** Empty where this host can decrypt the file, or needs not to. */
    Optional<RecoveryFailure> whyUnreadable(String name) {
        DataObjects data = DataObjects.of(store);
        Optional<RecoveryFailure> why = Optional.empty();
        for (String key : keys(name)) {
            if (store.head(key).isEmpty()) {
                continue;
            }
            try {
                data.requireReadable(key);
                return Optional.empty();
            } catch (RecoveryFailure e) {
                if (DataObjects.isDamage(e) || e.code() == FailureCode.OBJECT_MISSING) {
                    return Optional.empty();
                }
                if (!DataObjects.isUnreadable(e)) {
                    throw e;
                }
                why = Optional.of(e);
            }
        }
        return why;
    }

    /**
     * Downloads, verifies and unpacks a file beside {@code target}, then renames it there: {@code target} is whole or
     * not there.
     *
     * @return the number of plain bytes; empty only when the store said that it is not there
     * @throws RecoveryFailure WAL_DAMAGED when the bytes are not those of this segment of this cluster
     */
    Optional<Long> fetch(String name, Path target) {
        return fetch(name, target, () -> open(name)).map(Fetched::bytes);
    }

    /** Where the plain content of a file comes from. */
    interface Source {
        InputStream open() throws IOException;
    }

    /**
     * What passed.
     *
     * @param timeline of the first page; 0 for a file that is no segment
     * @param crc32c   of the plain bytes, as the index holds it
     */
    record Fetched(long bytes, int timeline, String crc32c) {}

    /** The same, of a copy that may lie elsewhere. */
    Optional<Fetched> fetch(String name, Path target, Source source) {
        return againWhereDamaged(name, () -> fetchOnce(name, target, source));
    }

    private Optional<Fetched> fetchOnce(String name, Path target, Source source) {
        CRC32C sum = new CRC32C();
        int timeline = 0;
        Path unpacked = target.resolveSibling(
                "." + target.getFileName() + "." + Thread.currentThread().getId() + ".tmp");
        try {
            try (InputStream plain = source.open();
                    OutputStream out = new CheckedOutputStream(Files.newOutputStream(unpacked), sum)) {
                byte[] head = plain.readNBytes(WalReader.PAGE);
                out.write(head);
                long bytes = head.length + copy(plain, out);
                verify(name, head, bytes);
                timeline = WalSegmentHeader.parse(head)
                        .map(WalSegmentHeader::timeline)
                        .orElse(0);
            } catch (RecoveryFailure e) {
                return emptyWhenMissing(e);
            } catch (ZstdIOException | Altered e) {
                throw damaged(name, e);
            }
            long bytes = Files.size(unpacked);
            Files.move(unpacked, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return Optional.of(new Fetched(bytes, timeline, hex(sum)));
        } catch (IOException e) {
            throw FileTrees.failed("write " + target, e);
        } finally {
            try {
                Files.deleteIfExists(unpacked);
            } catch (IOException e) {
                // Its name begins with a dot and ends with .tmp: nobody takes it for a segment.
            }
        }
    }

    /** In pieces that are worth the way into the decompressor and into the kernel. */
    private static long copy(InputStream plain, OutputStream out) throws IOException {
        byte[] buffer = new byte[COPY];
        long copied = 0;
        for (int count = plain.read(buffer); count >= 0; count = plain.read(buffer)) {
            out.write(buffer, 0, count);
            copied += count;
        }
        return copied;
    }

    /**
     * Downloads the longest that was saved of a segment which the archive does not hold, as a segment of that name.
     *
     * @return false when there is nothing of it
     */
    boolean fetchUnfinished(String segment, Path target) {
        Optional<String> longest = longest(unfinished(segment));
        return longest.isPresent() && fetch(longest.get(), target).isPresent();
    }

    private List<String> unfinished(String segment) {
        String key = BucketLayout.walFile(cluster, systemId, segment);
        return store.list(key.substring(0, key.length() - SUFFIX.length()) + ".").stream()
                .map(object -> object.key().substring(object.key().lastIndexOf('/') + 1))
                .map(WalArchive::nameOf)
                .filter(WalArchive::isUnfinished)
                .distinct()
                .toList();
    }

    /** Of these, which were saved of one segment one after the other, the one in which the most was written. */
    Optional<String> longest(List<String> unfinished) {
        if (unfinished.size() < 2) {
            return unfinished.stream().findFirst();
        }
        return unfinished.stream().max(Comparator.comparing(this::endOf));
    }

    private Lsn endOf(String unfinished) {
        byte[] bytes = read(unfinished).orElse(new byte[0]);
        Optional<WalSegmentHeader> header = WalSegmentHeader.parse(bytes);
        if (header.isEmpty()) {
            return new Lsn(0);
        }
        try {
            WalSegmentSize size = header.get().segmentSize();
            Lsn end = new WalReader(size, new WalReader.Listener() {})
                    .read(size.parse(unfinished.substring(0, 24)), new ByteArrayInputStream(bytes))
                    .end();
            return end == null ? new Lsn(0) : end;
        } catch (IOException e) {
            throw damaged(unfinished, e);
        }
    }

    /**
     * Puts a file into the archive; durable when this returns. The same content a second time is accepted.
     *
     * @throws RecoveryFailure WAL_CONTENT_DIFFERS when other content has this name, WRONG_SYSTEM_ID when the segment is
     *     another cluster's, WAL_DAMAGED when it is not the segment that its name says
     */
    void store(String name, Path file) {
        byte[] plain;
        try {
            plain = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new RecoveryFailure(
                    FailureCode.IO_FAILED,
                    "cannot read %s: %s".formatted(file, e.getMessage()),
                    "check that the worker may read the data directory",
                    e);
        }
        store(name, plain);
    }

    void store(String name, byte[] plain) {
        verify(name, plain, plain.length);
        DataObjects data = data(name);
        String key = key(name);
        Optional<String> before = DataObjects.isEncrypted(key)
                ? keys(name).stream()
                        .skip(1)
                        .filter(other -> store.head(other).isPresent())
                        .findFirst()
                : Optional.empty();
        if (before.isEmpty() && data.putIfAbsent(key, Zstandard.compress(plain), fingerprint(plain))) {
            return;
        }
        requireSame(name, before.orElse(key), plain);
    }

    /** What is stored under this key must be this content. */
    private void requireSame(String name, String key, byte[] plain) {
        String there;
        try {
            byte[] bytes = againWhereDamaged(name, () -> readKey(name, key));
            if (Arrays.equals(bytes, plain)) {
                return;
            }
            there = bytes.length + " bytes";
        } catch (RecoveryFailure e) {
            Optional<String> noted = DataObjects.isUnreadable(e) ? data(name).fingerprint(key) : Optional.empty();
            if (noted.isEmpty()) {
                throw e;
            }
            // Who has no private key still knows his own content again.
            if (noted.get().equals(fingerprint(plain))) {
                return;
            }
            there = noted.get();
        }
        throw new RecoveryFailure(
                FailureCode.WAL_CONTENT_DIFFERS,
                "cannot archive %s: %s holds other content under this name (%s there, %d here)"
                        .formatted(name, store.addressOf(key), there, plain.length),
                "two servers with the same identity archive to one place: find the other one and stop it");
    }

    private byte[] readKey(String name, String key) {
        DataObjects data = DataObjects.of(store);
        try (InputStream stored = plain(() -> data.open(key))) {
            return stored.readAllBytes();
        } catch (IOException e) {
            throw damaged(name, e);
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.OBJECT_MISSING) {
                throw new RecoveryFailure(
                        FailureCode.OBJECT_MISSING,
                        "cannot archive %s: the store says both that it is there and that it is not".formatted(name),
                        "it is tried again",
                        e);
            }
            throw e;
        }
    }

    /** Against accidents, not against forgers: it stands in the clear, as the checksums in the index do. */
    private static String fingerprint(byte[] plain) {
        CRC32 other = new CRC32();
        other.update(plain);
        return "%d-%s-%08x".formatted(plain.length, crc32c(plain), other.getValue());
    }

    /** Under which it is stored now. */
    String key(String name) {
        return keys(name).get(0);
    }

    /** Under all of which it may have been stored. */
    private List<String> keys(String name) {
        String plain = BucketLayout.walFile(cluster, systemId, name);
        return isHidden(name) ? DataObjects.of(store).keysFor(plain) : List.of(plain);
    }

    private DataObjects data(String name) {
        return isHidden(name) ? DataObjects.of(store) : new PlainObjects(store);
    }

    /** Whether this file holds what tables hold. */
    private static boolean isHidden(String name) {
        return WalSegmentSize.isSegmentName(name) || isUnfinished(name);
    }

    private void verify(String name, byte[] head, long bytes) {
        if (!WalSegmentSize.isSegmentName(name) && !name.endsWith(".partial")) {
            return;
        }
        String segment = name.substring(0, 24);
        Optional<WalSegmentHeader> header = WalSegmentHeader.parse(head);
        if (header.isPresent() && !header.get().systemId().equals(systemId)) {
            throw new RecoveryFailure(
                    FailureCode.WRONG_SYSTEM_ID,
                    "%s belongs to system identifier %s, not to %s"
                            .formatted(name, header.get().systemId(), systemId),
                    "another cluster's WAL lies where %s's is expected; look who wrote it".formatted(cluster));
        }
        boolean right = header.filter(found ->
                        found.fits(segment, systemId) && found.segmentSize().bytes() == bytes)
                .isPresent();
        if (!right) {
            throw new RecoveryFailure(
                    FailureCode.WAL_DAMAGED,
                    "%s is not the WAL segment of that name: %d bytes, %s"
                            .formatted(
                                    name,
                                    bytes,
                                    header.map(found -> "its first page says " + found.address())
                                            .orElse("without a header of PostgreSQL 15 to 18")),
                    "compare it with the segment in pg_wal; if the bucket keeps versions, restore the earlier one");
        }
    }

    private RecoveryFailure damaged(String name, IOException cause) {
        return new RecoveryFailure(
                FailureCode.WAL_DAMAGED,
                "cannot unpack %s: %s".formatted(store.addressOf(key(name)), cause.getMessage()),
                "if the bucket keeps versions, restore the object's earlier version",
                cause);
    }

    /** Bytes may be changed on their way only: what is damaged is read again before it is called so. */
    private static <T> T againWhereDamaged(String name, Supplier<T> reading) {
        for (int done = 1; ; done++) {
            try {
                return reading.get();
            } catch (RecoveryFailure e) {
                if (e.code() != FailureCode.WAL_DAMAGED || done == READINGS) {
                    throw e;
                }
                log.warn("reading {} again: {}", name, e.getMessage());
            }
        }
    }

    private static <T> Optional<T> emptyWhenMissing(RecoveryFailure failure) {
        if (failure.code() == FailureCode.OBJECT_MISSING) {
            return Optional.empty();
        }
        throw failure;
    }
}
