//! Pictures, under names that are made of their bytes. Start at [`Store::add_images`].

use std::collections::BTreeSet;

use super::audit::{Deed, What, write_deed};
use super::documents::Doer;
use super::{Store, StoreError};
use crate::kb::{Image, ImageName};

struct ImageRow {
    name: String,
    bytes: Vec<u8>,
    width: i64,
    height: i64,
}

impl TryFrom<ImageRow> for Image {
    type Error = StoreError;

    fn try_from(row: ImageRow) -> Result<Image, StoreError> {
        let side = |pixels: i64| u32::try_from(pixels).ok();
        match (ImageName::parse(&row.name), side(row.width), side(row.height)) {
            (Some(name), Some(width), Some(height)) => Ok(Image { name, bytes: row.bytes, width, height }),
            _ => Err(StoreError::BadImageRow { name: row.name }),
        }
    }
}

impl Store {
    /// Keeps pictures, all or none. One that is here already stays as it is: its name says that it is the same. Tells how many
    /// are new; each of those has its line of the audit log.
    pub async fn add_images(&self, images: &[Image], at: i64, by: &Doer<'_>) -> Result<usize, StoreError> {
        if images.is_empty() {
            return Ok(0);
        }
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let mut added = 0;
        for image in images {
            let name = image.name.to_string();
            let done = sqlx::query!(
                r#"
                INSERT INTO image (name, bytes, width, height, made_at, made_by)
                VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (name) DO NOTHING
                "#,
                name,
                image.bytes,
                image.width,
                image.height,
                at,
                by.name
            )
            .execute(&mut *transaction)
            .await?;
            if done.rows_affected() > 0 {
                added += 1;
                let deed = Deed { at, who: by.name, address: by.address, what: What::PictureAdded, about: &name };
                write_deed(&mut transaction, &deed).await?;
            }
        }
        transaction.commit().await?;
        Ok(added)
    }

    pub async fn find_image(&self, name: ImageName) -> Result<Option<Image>, StoreError> {
        let name = name.to_string();
        let row = sqlx::query_as!(
            ImageRow,
            r#"
            SELECT
                name AS "name!",
                bytes,
                width,
                height
            FROM image
            WHERE name = $1
            "#,
            name
        )
        .fetch_optional(&self.read)
        .await?;
        row.map(Image::try_from).transpose()
    }

    /// The names of all pictures.
    pub async fn list_image_names(&self) -> Result<BTreeSet<ImageName>, StoreError> {
        let names = sqlx::query_scalar!(r#"SELECT name AS "name!" FROM image ORDER BY name"#).fetch_all(&self.read).await?;
        names.into_iter().map(|name| ImageName::parse(&name).ok_or(StoreError::BadImageRow { name })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kb::ImageKind;

    fn image(first: u8, bytes: &[u8]) -> Image {
        Image { name: ImageName::new([first; 8], ImageKind::Webp), bytes: bytes.to_vec(), width: 7, height: 9 }
    }

    #[tokio::test]
    async fn a_picture_is_kept_once_and_as_it_came() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = Store::open(folder.path()).await.expect("it opens");
        let (one, two) = (image(1, b"\0one"), image(2, b"two"));
        assert_eq!(store.find_image(one.name).await.expect("it answers"), None);
        assert_eq!(
            store
                .add_images(std::slice::from_ref(&one), 5, &Doer { name: "first", address: "" })
                .await
                .expect("it can be written"),
            1
        );
        let both = [image(1, b"other bytes"), two.clone()];
        assert_eq!(store.add_images(&both, 6, &Doer { name: "second", address: "" }).await.expect("it can be written"), 1);
        let told = store.list_deeds("", i64::MAX, 9).await.expect("it answers");
        let told: Vec<_> = told.iter().map(|line| (line.who.as_str(), line.about.clone())).collect();
        assert_eq!(told, [("second", two.name.to_string()), ("first", one.name.to_string())], "what is new, once");
        for image in [&one, &two] {
            assert_eq!(store.find_image(image.name).await.expect("it answers").as_ref(), Some(image));
        }
        assert_eq!(store.list_image_names().await.expect("it answers"), BTreeSet::from([one.name, two.name]));
    }
}
