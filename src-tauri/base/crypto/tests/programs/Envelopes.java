import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.GCMParameters;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAESOAEPparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.CMSAuthEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.KeyAgreeRecipientId;
import org.bouncycastle.cms.KeyTransRecipientId;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.RecipientOperator;
import org.bouncycastle.cms.SimpleAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipient;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransAuthEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OutputAEADEncryptor;

/**
 * Reads and writes envelopes and wrapped secrets with Bouncy Castle. Each line of standard input is a piece of work, each line of output
 * its answer, so that one start of Java serves many checks.
 */
public class Envelopes {
    private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();
    private static final byte[] WRAPPED = "sealwright wrapped secret 1\n".getBytes(StandardCharsets.UTF_8);

    public static void main(String[] none) throws Exception {
        BufferedReader work = new BufferedReader(new InputStreamReader(System.in));
        for (String line = work.readLine(); line != null; line = work.readLine()) {
            String[] words = line.split(" ");
            String answer;
            try {
                answer = switch (words[0]) {
                    case "open" -> open(words[1], words[2], words[3], words[4]);
                    case "canonical" -> canonical(words[1]);
                    case "seal" -> seal(words[1], words[2], words[3], words[4]);
                    case "open-agreed" -> openAgreed(words[1], words[2], words[3], words[4]);
                    case "agree" -> agree(words[1], words[2], words[3], words[4], words[5]);
                    case "unwrap" -> unwrap(words[1], words[2], words[3], words[4]);
                    case "wrap" -> wrap(words[1], words[2], words[3], words[4]);
                    default -> "unknown work";
                };
            } catch (Exception refused) {
                answer = "refused: " + refused;
            }
            System.out.println(answer.replace('\n', ' '));
        }
    }

    /** Opens an envelope with a certificate and its PKCS#8 key and writes the content. */
    private static String open(String envelope, String certificate, String key, String out) throws Exception {
        CMSAuthEnvelopedData data = new CMSAuthEnvelopedData(bytes(envelope));
        X509CertificateHolder holder = new X509CertificateHolder(bytes(certificate));
        KeyTransRecipientId id = new KeyTransRecipientId(holder.getIssuer(), holder.getSerialNumber());
        RecipientInformation recipient = data.getRecipientInfos().get(id);
        if (recipient == null) {
            return "not a recipient";
        }
        PrivateKey privateKey =
                KeyFactory.getInstance("RSA", PROVIDER).generatePrivate(new PKCS8EncodedKeySpec(bytes(key)));
        byte[] content =
                recipient.getContent(new JceKeyTransAuthEnvelopedRecipient(privateKey).setProvider(PROVIDER));
        Files.write(Path.of(out), content);
        return "opened";
    }

    /** Opens an envelope with a certificate and its PKCS#8 key on an elliptic curve and writes the content. */
    private static String openAgreed(String envelope, String certificate, String key, String out) throws Exception {
        CMSAuthEnvelopedData data = new CMSAuthEnvelopedData(bytes(envelope));
        X509CertificateHolder holder = new X509CertificateHolder(bytes(certificate));
        var id = new KeyAgreeRecipientId(holder.getIssuer(), holder.getSerialNumber());
        RecipientInformation recipient = data.getRecipientInfos().get(id);
        if (recipient == null) {
            return "not a recipient";
        }
        PrivateKey privateKey =
                KeyFactory.getInstance("EC", PROVIDER).generatePrivate(new PKCS8EncodedKeySpec(bytes(key)));
        var agreed = new ContentKey(privateKey);
        agreed.setProvider(PROVIDER);
        try {
            recipient.getContent(agreed);
        } catch (CMSException taken) {
            if (agreed.key == null) {
                throw taken;
            }
        }
        var sealed = AuthEnvelopedData.getInstance(ContentInfo.getInstance(bytes(envelope)).getContent());
        var info = sealed.getAuthEncryptedContentInfo();
        var parameters = GCMParameters.getInstance(info.getContentEncryptionAlgorithm().getParameters());
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        cipher.init(Cipher.DECRYPT_MODE, agreed.key, new GCMParameterSpec(parameters.getIcvLen() * 8, parameters.getNonce()));
        byte[] content = org.bouncycastle.util.Arrays.concatenate(
                info.getEncryptedContent().getOctets(), sealed.getMac().getOctets());
        Files.write(Path.of(out), cipher.doFinal(content));
        return "opened";
    }

    /** Takes the content key that Bouncy Castle unwraps: this version has no recipient for AuthEnvelopedData by agreement. */
    private static final class ContentKey extends JceKeyAgreeRecipient {
        private Key key;

        ContentKey(PrivateKey own) {
            super(own);
        }

        @Override
        public RecipientOperator getRecipientOperator(
                AlgorithmIdentifier wrap,
                AlgorithmIdentifier content,
                SubjectPublicKeyInfo sender,
                ASN1OctetString material,
                byte[] wrapped)
                throws CMSException {
            key = extractSecretKey(wrap, content, sender, material, wrapped);
            throw new CMSException("taken");
        }
    }

    /** Seals a file to two elliptic-curve certificates in one agreement, with or without user keying material. */
    private static String agree(String material, String first, String second, String in, String out) throws Exception {
        var converter = new JcaX509CertificateConverter();
        var one = converter.getCertificate(new X509CertificateHolder(bytes(first)));
        var two = converter.getCertificate(new X509CertificateHolder(bytes(second)));
        var pairs = KeyPairGenerator.getInstance("EC", PROVIDER);
        pairs.initialize(new ECGenParameterSpec("secp256r1"));
        var pair = pairs.generateKeyPair();
        var recipients = new JceKeyAgreeRecipientInfoGenerator(
                CMSAlgorithm.ECDH_SHA256KDF, pair.getPrivate(), pair.getPublic(), CMSAlgorithm.AES256_WRAP);
        recipients.addRecipient(one).addRecipient(two).setProvider(PROVIDER);
        if (material.equals("with")) {
            recipients.setUserKeyingMaterial("sixteen octets !".getBytes(StandardCharsets.UTF_8));
        }
        var generator = new CMSEnvelopedDataGenerator();
        generator.addRecipientInfoGenerator(recipients);
        var encryptor = new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_CBC).setProvider(PROVIDER).build();
        Files.write(Path.of(out), generator.generate(new CMSProcessableByteArray(bytes(in)), encryptor).getEncoded());
        return "sealed";
    }

    /** Opens a wrapped secret: a line that names the format, 16 octets of fingerprint, nonce, ciphertext and tag. */
    private static String unwrap(String key, String purpose, String wrapped, String out) throws Exception {
        byte[] all = bytes(wrapped);
        int header = WRAPPED.length + 16;
        if (!Arrays.equals(fingerprint(bytes(key)), Arrays.copyOfRange(all, WRAPPED.length, header))) {
            return "another key";
        }
        Cipher cipher = gcm(Cipher.DECRYPT_MODE, key, Arrays.copyOfRange(all, header, header + 12));
        cipher.updateAAD(all, 0, header);
        cipher.updateAAD(bytes(purpose));
        Files.write(Path.of(out), cipher.doFinal(all, header + 12, all.length - header - 12));
        return "opened";
    }

    /** Wraps a secret in the same layout. */
    private static String wrap(String key, String purpose, String secret, String out) throws Exception {
        byte[] nonce = new byte[12];
        new SecureRandom().nextBytes(nonce);
        byte[] header = org.bouncycastle.util.Arrays.concatenate(WRAPPED, fingerprint(bytes(key)));
        Cipher cipher = gcm(Cipher.ENCRYPT_MODE, key, nonce);
        cipher.updateAAD(header);
        cipher.updateAAD(bytes(purpose));
        Files.write(Path.of(out), org.bouncycastle.util.Arrays.concatenate(header, nonce, cipher.doFinal(bytes(secret))));
        return "wrapped";
    }

    private static Cipher gcm(int mode, String key, byte[] nonce) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        cipher.init(mode, new SecretKeySpec(bytes(key), "AES"), new GCMParameterSpec(128, nonce));
        return cipher;
    }

    private static byte[] fingerprint(byte[] key) throws Exception {
        byte[] label = "sealwright wrapping key\0".getBytes(StandardCharsets.UTF_8);
        byte[] hash = MessageDigest.getInstance("SHA-256", PROVIDER).digest(org.bouncycastle.util.Arrays.concatenate(label, key));
        return Arrays.copyOf(hash, 16);
    }

    /** Whether the file is its own DER encoding. */
    private static String canonical(String file) throws Exception {
        byte[] before = bytes(file);
        byte[] after = ASN1Primitive.fromByteArray(before).getEncoded(ASN1Encoding.DER);
        return Arrays.equals(before, after) ? "canonical" : "not canonical";
    }

    /** Seals a file to a certificate in one of several ways and writes the envelope in BER. */
    private static String seal(String way, String certificate, String in, String out) throws Exception {
        var holder = new JcaX509CertificateConverter().getCertificate(new X509CertificateHolder(bytes(certificate)));
        var content = new CMSProcessableByteArray(bytes(in));
        byte[] envelope;
        if (way.equals("gcm-with-attributes")) {
            var generator = new CMSAuthEnvelopedDataGenerator();
            generator.addRecipientInfoGenerator(
                    new JceKeyTransRecipientInfoGenerator(holder, oaep(way)).setProvider(PROVIDER));
            var attribute = new Attribute(CMSAttributes.contentType, new DERSet(CMSObjectIdentifiers.data));
            generator.setAuthenticatedAttributeGenerator(
                    new SimpleAttributeTableGenerator(new AttributeTable(attribute)));
            var encryptor = new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_GCM).setProvider(PROVIDER).build();
            envelope = generator.generate(content, (OutputAEADEncryptor) encryptor).getEncoded();
        } else {
            var generator = new CMSEnvelopedDataGenerator();
            generator.addRecipientInfoGenerator(
                    way.equals("cbc-pkcs1")
                            ? new JceKeyTransRecipientInfoGenerator(holder).setProvider(PROVIDER)
                            : new JceKeyTransRecipientInfoGenerator(holder, oaep(way)).setProvider(PROVIDER));
            var encryptor = new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_CBC).setProvider(PROVIDER).build();
            envelope = generator.generate(content, encryptor).getEncoded();
        }
        Files.write(Path.of(out), envelope);
        return "sealed";
    }

    /** RSAES-OAEP; digests are written with NULL parameters, as Bouncy Castle's own examples do. */
    private static AlgorithmIdentifier oaep(String way) {
        var hash = way.contains("sha1") ? OIWObjectIdentifiers.idSHA1 : NISTObjectIdentifiers.id_sha256;
        var mask = way.contains("mixed") ? OIWObjectIdentifiers.idSHA1 : hash;
        var parameters = new RSAESOAEPparams(
                new AlgorithmIdentifier(hash, DERNull.INSTANCE),
                new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, new AlgorithmIdentifier(mask, DERNull.INSTANCE)),
                RSAESOAEPparams.DEFAULT_P_SOURCE_ALGORITHM);
        return new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, parameters);
    }

    private static byte[] bytes(String file) throws Exception {
        return Files.readAllBytes(Path.of(file));
    }
}
