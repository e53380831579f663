package dev.lifeboat.activities.evidence;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FilePiece;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FolderPart;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.Place;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads an evidence folder byte by byte, in parts that an answer of an activity can carry. */
final class FolderReader {

    /** Becomes a third more on its way, which is still well below Temporal's limit of 2 MB. */
    static final int PART_BYTES = 700 * 1024;

    private final ObjectStore store;
    private final String folder;

    FolderReader(ObjectStore store, String folder) {
        this.store = store;
        this.folder = folder;
    }

    /** @param from null for the beginning */
    FolderPart read(@Nullable Place from) {
        List<FilePiece> pieces = new ArrayList<>();
        long room = PART_BYTES;
        for (StoredObject object : store.list(folder)) {
            String name = object.key().substring(folder.length());
            if (from != null && name.compareTo(from.name()) < 0) {
                continue;
            }
            long offset = from != null && name.equals(from.name()) ? from.offset() : 0;
            if (room == 0 && object.size() > offset) {
                return part(pieces, new Place(name, offset));
            }
            int length = (int) Math.min(room, Math.max(0, object.size() - offset));
            pieces.add(new FilePiece(name, offset, bytes(object, offset, length)));
            room -= length;
            if (offset + length < object.size()) {
                return part(pieces, new Place(name, offset + length));
            }
        }
        return part(pieces, null);
    }

    private FolderPart part(List<FilePiece> pieces, @Nullable Place next) {
        String name = folder.substring(0, folder.length() - 1);
        return new FolderPart(name.substring(name.lastIndexOf('_') + 1), List.copyOf(pieces), next);
    }

    private byte[] bytes(StoredObject object, long offset, int length) {
        try (InputStream in = store.read(object.key())) {
            in.skipNBytes(offset);
            return in.readNBytes(length);
        } catch (IOException e) {
            throw new RecoveryFailure(
                    FailureCode.OBJECT_STORE_UNREACHABLE,
                    "cannot read %s: %s".formatted(store.addressOf(object.key()), e.getMessage()),
                    "it is tried again",
                    e);
        }
    }
}
