package dev.lifeboat.cli;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.PrivateKey;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Needs no configuration, no Temporal and no worker. */
@Command(name = "generate", description = "Makes a key pair: PREFIX.pub to encrypt with, PREFIX.key to decrypt with.")
final class KeysGenerateCommand implements Callable<Integer> {

    private final Tool tool;

    @Option(names = "--out", paramLabel = "PREFIX", required = true, description = "How both files begin.")
    private Path prefix = Path.of("");

    KeysGenerateCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        PrivateKey.Pair pair;
        try {
            pair = PrivateKey.generate(tool.surroundings().workingFolder().resolve(prefix));
        } catch (ConfigException e) {
            throw CliFailure.usage(String.valueOf(e.getMessage()), e.hint());
        }
        Map<String, String> document = new LinkedHashMap<>();
        document.put("id", pair.publicKey().id());
        document.put("public", pair.publicFile().toString());
        document.put("private", pair.privateFile().toString());
        tool.print(
                document,
                List.of(
                        "made key " + pair.publicKey().id(),
                        "public   " + pair.publicFile()
                                + "   for bucket.encryption.recipients, on every host that backs up",
                        "private  " + pair.privateFile() + "   for bucket.encryption.identity, where recoveries run"));
        tool.say("keep a copy of " + pair.privateFile().getFileName()
                + " away from the hosts it protects: what is encrypted cannot be restored without it, by nobody");
        return ExitCode.DONE.number();
    }
}
