package dev.lifeboat.activities.store;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A bucket in memory for tests, which can be taken away for a while. */
public final class InMemoryObjectStore implements ObjectStore {

    private final ConcurrentNavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final Set<InMemoryUpload> uploads = ConcurrentHashMap.newKeySet();
    private final Map<String, List<byte[]>> earlier = new ConcurrentHashMap<>();
    private final Map<String, Instant> written = new ConcurrentHashMap<>();
    private final Set<String> locked = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Instant now;
    private volatile boolean away;
    private volatile boolean versioned;
    private volatile Optional<DataKeys> keys = Optional.empty();

    /** From now on data is encrypted with these. */
    public void encryptWith(DataKeys keys) {
        this.keys = Optional.of(keys);
    }

    @Override
    public boolean rewriteHead(String key, int length, Function<byte[], Optional<byte[]>> change) {
        if (head(key).isEmpty()) {
            return false;
        }
        byte[] whole = readAll(key);
        change.apply(Arrays.copyOf(whole, Math.min(length, whole.length))).ifPresent(head -> {
            System.arraycopy(head, 0, whole, 0, head.length);
            put(key, whole);
        });
        return true;
    }

    @Override
    public boolean change(String key, Function<byte[], Optional<byte[]>> change) {
        while (true) {
            requireThere("change", key);
            byte[] before = objects.get(key);
            if (before == null) {
                return false;
            }
            Optional<byte[]> after = change.apply(before.clone());
            if (after.isEmpty()) {
                return true;
            }
            keep(key);
            if (objects.replace(key, before, after.get().clone())) {
                written.put(key, time());
                return true;
            }
        }
    }

    @Override
    public Optional<DataKeys> encryption() {
        return keys;
    }

    /** From now on every call fails as if the store could not be reached. */
    public void goAway() {
        away = true;
    }

    public void comeBack() {
        away = false;
    }

    /** From now on what is overwritten or removed can still be had. */
    public void keepVersions() {
        versioned = true;
    }

    /** From now on a rule of the bucket keeps what lies below this prefix. */
    public void lock(String prefix) {
        locked.add(prefix);
    }

    public void unlock() {
        locked.clear();
    }

    /** From now on the store's clock stands still at this time. */
    public void setClock(Instant time) {
        now = time;
    }

    private Instant time() {
        Instant fixed = now;
        return fixed == null ? Instant.now() : fixed;
    }

    public void forgetVersions() {
        earlier.clear();
    }

    private void keep(String key) {
        byte[] before = objects.get(key);
        if (versioned && before != null) {
            earlier.computeIfAbsent(key, any -> new CopyOnWriteArrayList<>()).add(before);
        }
    }

    @Override
    public List<Version> earlierVersions(String key) {
        requireThere("list the versions of", key);
        List<Version> versions = new ArrayList<>();
        for (int i = earlier.getOrDefault(key, List.of()).size() - 1; i >= 0; i--) {
            versions.add(new Version(Integer.toString(i), Instant.EPOCH.plusSeconds(i)));
        }
        return versions;
    }

    @Override
    public InputStream read(String key, Version version) {
        requireThere("read", key);
        return new ByteArrayInputStream(earlier.getOrDefault(key, List.of()).get(Integer.parseInt(version.id())));
    }

    @Override
    public void put(String key, byte[] content) {
        requireThere("write", key);
        keep(key);
        objects.put(key, content.clone());
        written.put(key, time());
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content) {
        requireThere("write", key);
        byte[] there = objects.putIfAbsent(key, content.clone());
        written.putIfAbsent(key, time());
        return there == null || Arrays.equals(there, content);
    }

    @Override
    public StoredUpload upload(String key) {
        InMemoryUpload upload = new InMemoryUpload(key);
        uploads.add(upload);
        return upload;
    }

    @Override
    public InputStream read(String key) {
        return new ByteArrayInputStream(readAll(key));
    }

    @Override
    public byte[] readAll(String key) {
        requireThere("read", key);
        byte[] content = objects.get(key);
        if (content == null) {
            throw new RecoveryFailure(
                    FailureCode.OBJECT_MISSING,
                    "cannot find " + addressOf(key) + ": the store has no such object",
                    "'lifeboat backups' lists what the bucket holds");
        }
        return content.clone();
    }

    @Override
    public Optional<StoredObject> head(String key) {
        requireThere("look for", key);
        return Optional.ofNullable(objects.get(key)).map(content -> new StoredObject(key, content.length));
    }

    @Override
    public List<StoredObject> list(String prefix) {
        requireThere("list", prefix);
        return objects.tailMap(prefix).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(prefix))
                .map(entry -> new StoredObject(entry.getKey(), entry.getValue().length))
                .toList();
    }

    @Override
    public List<String> listFolders(String prefix) {
        return list(prefix).stream()
                .map(object -> object.key().substring(prefix.length()))
                .filter(rest -> rest.indexOf('/') >= 0)
                .map(rest -> rest.substring(0, rest.indexOf('/')))
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public void delete(String key) {
        requireThere("delete", key);
        keep(key);
        objects.remove(key);
        written.remove(key);
    }

    @Override
    public Deletion deleteAll(List<String> keys) {
        List<Refusal> refused = new ArrayList<>();
        int asVersions = 0;
        for (String key : keys) {
            if (locked.stream().anyMatch(key::startsWith)) {
                refused.add(new Refusal(key, "AccessDenied: protected by object lock"));
            } else {
                asVersions += versioned && objects.containsKey(key) ? 1 : 0;
                delete(key);
            }
        }
        return new Deletion(List.copyOf(refused), asVersions);
    }

    @Override
    public List<WrittenObject> listWritten(String prefix) {
        return list(prefix).stream()
                .map(object ->
                        new WrittenObject(object.key(), object.size(), written.getOrDefault(object.key(), time())))
                .toList();
    }

    @Override
    public void discardUploads(String prefix) {
        requireThere("discard uploads below", prefix);
        uploads.stream().filter(upload -> upload.key.startsWith(prefix)).forEach(InMemoryUpload::close);
    }

    @Override
    public Optional<Instant> clock() {
        return Optional.of(time());
    }

    @Override
    public String addressOf(String key) {
        return "s3://memory/" + key;
    }

    private void requireThere(String verb, String key) {
        if (away) {
            throw new RecoveryFailure(
                    FailureCode.OBJECT_STORE_UNREACHABLE,
                    "cannot %s %s: the test has taken the store away".formatted(verb, addressOf(key)),
                    "let it come back");
        }
    }

    private final class InMemoryUpload extends StoredUpload {

        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private final String key;
        private int digestFrom;
        private boolean ended;

        InMemoryUpload(String key) {
            this.key = key;
        }

        @Override
        public void write(int b) {
            requireNotEnded();
            content.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            requireNotEnded();
            content.write(bytes, offset, length);
        }

        @Override
        public void beginDigest() {
            digestFrom = content.size();
        }

        @Override
        public Uploaded complete() {
            requireNotEnded();
            byte[] all = content.toByteArray();
            put(key, all);
            ended = true;
            return new Uploaded(key, all.length, sha256(Arrays.copyOfRange(all, digestFrom, all.length)));
        }

        @Override
        public void close() {
            ended = true;
            uploads.remove(this);
        }

        private void requireNotEnded() {
            if (ended) {
                throw new IllegalStateException("the upload of " + key + " has ended already");
            }
        }
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
