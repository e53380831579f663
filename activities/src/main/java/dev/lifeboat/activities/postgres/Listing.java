package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.WrittenObject;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What lies below one folder of the bucket, as it was at one moment. */
record Listing(NavigableMap<String, WrittenObject> objects) {

    static Listing below(ObjectStore store, String folder) {
        NavigableMap<String, WrittenObject> objects = new TreeMap<>();
        store.listWritten(folder).forEach(object -> objects.put(object.key(), object));
        return new Listing(objects);
    }

    Set<String> keys() {
        return objects.keySet();
    }

    /** The name of the last one in this folder. */
    Optional<String> last(String folder) {
        String last = objects.floorKey(folder + Character.MAX_VALUE);
        return last != null && last.startsWith(folder)
                ? Optional.of(last.substring(folder.length()))
                : Optional.empty();
    }

    /** When the object was written, or written again; null where it is not in the listing. */
    @Nullable Instant writtenAt(String key) {
        WrittenObject object = objects.get(key);
        return object == null ? null : object.at();
    }

    Parts parts() {
        return new Parts(this, 0, true, true, null);
    }

    /**
     * What of the objects that a manifest names is in the listing.
     *
     * @param named    how many it names
     * @param allThere whatever they hold
     * @param asLong   whether those that are there are as long as they were
     * @param youngest when the last of them was written
     */
    record Parts(Listing listing, int named, boolean allThere, boolean asLong, @Nullable Instant youngest) {

        /** @param key may end otherwise where it is encrypted */
        Parts with(String key, long size) {
            String found = listing.objects.ceilingKey(key);
            WrittenObject object = found != null && found.startsWith(key) ? listing.objects.get(found) : null;
            if (object == null) {
                return new Parts(listing, named + 1, false, asLong, youngest);
            }
            Instant at = youngest == null || object.at().isAfter(youngest) ? object.at() : youngest;
            return new Parts(listing, named + 1, allThere, asLong && object.size() == size, at);
        }

        /**
         * When the store had all of them, or their manifest if that was earlier: rewrapping keys writes the objects anew and
         * leaves the manifest, which is written last otherwise. Null for one that is marked: that its manifest was written
         * says nothing then, and it was judged by these times before.
         */
        @Nullable Instant storedBy(String manifest, @Nullable Instant expiringSince) {
            if (expiringSince != null) {
                return null;
            }
            Instant written = listing.writtenAt(manifest);
            return youngest == null || written == null || youngest.isBefore(written) ? youngest : written;
        }

        /** A manifest that names nothing is of nothing. */
        boolean whole() {
            return named > 0 && allThere && asLong;
        }
    }
}
